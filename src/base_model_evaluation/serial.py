"""Serial reasoning: one long answer to each problem (the base model and RFT)."""

from __future__ import annotations

from collections.abc import Mapping

from ..utils.api.protocols import Servers
from ..utils.grammar import request_context
from ..utils.records import Problem, Result
from .asking import Asker, Reply, Unanswered
from .config import Settings

PROMPT = "base_model_prompt"


class SerialSolver:
    """Requests the whole chain of thought in one call."""

    def __init__(
        self, servers: Servers, prompts: Mapping[str, str], settings: Settings, *, think: bool
    ) -> None:
        """`think`: request the completion of an open thought, not a chat answer."""
        self.servers, self.settings, self.think = servers, settings, think
        self.prompt = prompts[PROMPT]

    async def solve(self, problem: Problem) -> Result:
        """Never fails because of model output; raises ServerError if no server answers.

        The result is not final if every attempt failed with a transient error.
        """
        context = request_context(self.prompt, problem.question, think=self.think)
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            reply = await asker.ask(context, Reply.of, role="solver")
        if isinstance(reply, Unanswered):
            return asker.result("", "", final=not reply.may_pass)
        asker.mark_if_cut("", reply)
        return asker.result(reply.text, reply.answer)
