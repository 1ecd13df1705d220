"""Serial reasoning: one long answer per problem (base model and RFT)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from ..utils.errors import SprintError
from ..utils.grading.final_answers import serial_answer
from ..utils.grammar import LiveThought, ThoughtPart, after_thought, plain_content, request_context
from ..utils.methods.events import AnswerText, CutShort, Discarded, OnEvent, ThoughtText
from ..utils.methods.ledger import Ledger
from ..utils.methods.token_budget import Ending, TokenBudget
from ..utils.records import CallPlace, Problem, Result
from .asking import SERIAL_PROMPT, Asker, BaselineSolver, Reply, Unanswered
from .config import BaselineSettings


class SerialSolver(BaselineSolver[BaselineSettings]):
    """Requests the complete chain of thought in one call."""

    def having(self, settings: BaselineSettings) -> SerialSolver:
        """The same solver with different settings."""
        return SerialSolver(self.servers, self.prompts, settings, think=self.think)

    async def solve(
        self,
        problem: Problem,
        on_event: OnEvent | None = None,
        *,
        deadline: float = 0.0,
        problem_tokens: int = 0,
    ) -> Result:
        """Never fails because of model output; raises ServerError if no server answers.

        The result is not final if every attempt failed with a transient error. `on_event` gets the
        events of the run. After `deadline` seconds, or `problem_tokens` of all calls together, the
        problem has no answer, except for a reply that ends at that limit; 0 means no limit.
        """
        context = request_context(self.prompts[SERIAL_PROMPT], problem.question, think=self.think)
        with self.servers.for_problem(problem.id) as server:
            asker = Asker(server, self.settings, problem)
            telling = _Telling(on_event, asker.ledger, self.think) if on_event else None
            try:
                async with asyncio.timeout(deadline or None) as limit:
                    asker.ledger.budget = TokenBudget.within(problem_tokens, limit)
                    reply = await asker.ask(
                        context,
                        Reply.of,
                        place=CallPlace("solver"),
                        on_text=telling.begin if telling else lambda: None,
                        on_discarded=telling.discarded if telling else None,
                    )
            except TimeoutError:
                if not limit.expired():
                    raise
                ending = Ending.of(asker.ledger.budget, deadline)
                asker.mark("", ending.reason)
                if telling:
                    telling.cut_short(ending)
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
        """The callback for the text of the next attempt."""
        self._live, self._answered = LiveThought(opened=self._think), False
        return self._feed

    def _feed(self, piece: str) -> bool:
        return self._tell(self._live.feed(piece))

    def _tell(self, parts: Iterable[ThoughtPart]) -> bool:
        enough = False
        for text, is_answer in parts:
            self._answered = self._answered or is_answer
            event = AnswerText if is_answer else ThoughtText
            enough = self._hear(event(self._ledger.elapsed(), text)) or enough
        return enough

    def end(self, reply: Reply) -> None:
        """Report the answer of a reply that has none after its thought."""
        if not reply.cut_off:
            self._tell(self._live.end())
        if not self._answered and not reply.cut_off:
            self._hear(AnswerText(self._ledger.elapsed(), _answer_within(reply.text)))

    def discarded(self, error: SprintError) -> None:
        self._hear(Discarded(self._ledger.elapsed(), 0, 0, error))

    def cut_short(self, ending: Ending) -> None:
        self._hear(CutShort(self._ledger.elapsed(), *ending))


def _answer_within(text: str) -> str:
    """The last paragraph of a thought that contains the answer.

    The complete text if that paragraph alone would be graded as a different answer.
    """
    said = plain_content(after_thought(text))
    last = said.rpartition("\n\n")[2].strip()
    return last if serial_answer(last) == serial_answer(text) else said
