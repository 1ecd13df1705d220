"""Serial reasoning: one long answer to each problem (the base model, and RFT)."""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.errors import CallError, RefusedError, all_may_pass
from ..utils.final_answers import serial_answer
from ..utils.grammar import planner_context
from ..utils.ledger import Ledger
from ..utils.records import Problem, Result
from ..utils.server import Sampling
from ..utils.server_protocols import Server, Servers


@dataclass(frozen=True)
class Settings:
    """Defaults are the paper's (arXiv 2506.05745) for a 7B reasoning model."""

    max_tokens: int = 36000
    """Tokens of one answer; what is longer is cut, marked, and counts as wrong."""
    temperature: float = 0.6
    top_p: float = 0.95
    max_attempts: int = 3
    """Requests for one answer before the problem is given up."""


class SerialSolver:
    """Asks for the whole chain of thought in one call."""

    def __init__(self, server: Servers, prompt: str, settings: Settings) -> None:
        self.server, self.prompt, self.settings = server, prompt, settings

    async def solve(self, problem: Problem) -> Result:
        """Never fails for what a model writes; raises ServerError where no server answers.

        The result is not final where every attempt failed in a way that may pass.
        """
        with self.server.for_problem(problem.id) as server:
            return await self._solve(problem, server)

    async def _solve(self, problem: Problem, server: Server) -> Result:
        ledger, faults, text, answer = Ledger(problem.id), list[str](), "", ""
        errors = list[Exception]()
        sampling = Sampling(
            self.settings.max_tokens, self.settings.temperature, self.settings.top_p
        )
        context = planner_context(self.prompt, problem.question)
        for attempt in range(1, self.settings.max_attempts + 1):
            try:
                completion = await ledger.ask(
                    server, context, sampling, role="solver", attempt=attempt
                )
            except RefusedError:
                raise
            except CallError as error:
                faults.append(f"attempt {attempt}: {error}")
                errors.append(error)
                continue
            text = completion.text
            errors.clear()  # answered after all
            if completion.cut_off:
                faults.append("the answer was cut off at its token limit")
            else:
                answer = serial_answer(text)
            break
        return Result(
            problem=problem,
            text=text,
            response=text,
            answer=answer,
            elapsed=ledger.elapsed(),
            calls=ledger.calls,
            faults=tuple(faults),
            final=not all_may_pass(errors),
        )
