"""Serial reasoning: one long answer to each problem (the base model, and RFT)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from copy import copy

from ..utils.api.protocols import Servers
from ..utils.errors import SprintError
from ..utils.grading.final_answers import serial_answer
from ..utils.grammar import LiveThought, after_thought, plain_content, request_context
from ..utils.methods.events import AnswerText, CutShort, Discarded, OnEvent, ThoughtText
from ..utils.methods.ledger import Ledger
from ..utils.records import Problem, Result
from .asking import Asker, Reply, Unanswered
from .config import Settings

PROMPT = "base_model_prompt"


class SerialSolver:
    """Asks for the whole chain of thought in one call."""

    def __init__(
        self, servers: Servers, prompts: Mapping[str, str], settings: Settings, *, think: bool
    ) -> None:
        """`think`: the completion of an open thought is asked for, not a chat answer."""
        self.servers, self.settings, self.think = servers, settings, think
        self.prompt = prompts[PROMPT]

    def having(self, settings: Settings) -> SerialSolver:
        """The same solver with other settings."""
        solver = copy(self)
        solver.settings = settings
        return solver

    async def solve(
        self, problem: Problem, on_event: OnEvent | None = None, *, deadline: float = 0.0
    ) -> Result:
        """Never fails for what a model writes; raises ServerError where no server answers.

        The result is not final where every attempt failed in a way that may pass. `on_event` hears
        what happens meanwhile. After `deadline` seconds, 0 without limit, there is no answer.
        """
        context = request_context(self.prompt, problem.question, think=self.think)
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            telling = _Telling(on_event, asker.ledger, self.think) if on_event else None
            try:
                async with asyncio.timeout(deadline or None) as limit:
                    reply = await asker.ask(
                        context,
                        Reply.of,
                        role="solver",
                        on_text=telling.begin if telling else lambda: None,
                        on_discarded=telling.discarded if telling else None,
                    )
            except TimeoutError:
                if not limit.expired():
                    raise
                reason = f"the problem was cut off at its deadline of {deadline:g} s"
                asker.mark("", reason)
                if telling:
                    telling.cut_short(reason)
                return asker.result("", "")
        if isinstance(reply, Unanswered):
            return asker.result("", "", final=not reply.may_pass)
        asker.mark_if_cut("", reply)
        if telling:
            telling.end(reply)
        return asker.result(reply.text, reply.answer)


class _Telling:
    """The events of one problem."""

    def __init__(self, on_event: OnEvent, ledger: Ledger, think: bool) -> None:
        self._hear, self._ledger, self._think = on_event, ledger, think
        self._live = LiveThought(opened=think)
        self._answered = False

    def begin(self) -> Callable[[str], bool]:
        """What hears the text of the next attempt."""
        self._live, self._answered = LiveThought(opened=self._think), False
        return self._feed

    def _feed(self, piece: str) -> bool:
        enough = False
        for text, is_answer in self._live.feed(piece):
            self._answered = self._answered or is_answer
            event = AnswerText if is_answer else ThoughtText
            enough = self._hear(event(self._ledger.elapsed(), text)) or enough
        return enough

    def end(self, reply: Reply) -> None:
        """Tell the answer of a reply that has none behind its thought."""
        if not self._answered and not reply.cut_off:
            self._hear(AnswerText(self._ledger.elapsed(), _answer_within(reply.text)))

    def discarded(self, error: SprintError) -> None:
        self._hear(Discarded(self._ledger.elapsed(), 0, 0, error))

    def cut_short(self, reason: str) -> None:
        self._hear(CutShort(self._ledger.elapsed(), reason, by_deadline=True))


def _answer_within(text: str) -> str:
    """What a reply says to the reader: the last paragraph of a thought that holds the answer.

    All of it where that paragraph alone would be read as another answer.
    """
    said = plain_content(after_thought(text))
    last = said.rpartition("\n\n")[2].strip()
    return last if serial_answer(last) == serial_answer(text) else said
