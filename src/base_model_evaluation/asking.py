"""The calls of one problem, asked again where they fail or what they bring is malformed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ..utils.api.completion import Completion
from ..utils.api.protocols import Server
from ..utils.api.sampling import Sampling, derived_seed
from ..utils.errors import FormatError, SprintError
from ..utils.grading.final_answers import serial_answer
from ..utils.grammar import after_thought
from ..utils.methods.attempts import Attempts
from ..utils.methods.ledger import Ledger
from ..utils.records import Problem, Result
from .config import Settings

Value = TypeVar("Value")


class Reply(NamedTuple):
    """What a model wrote, and the final answer in it: "" also where the text was cut off."""

    text: str
    answer: str
    cut_off: bool = False

    @classmethod
    def of(cls, completion: Completion) -> Reply:
        """Raises FormatError for a reply that says nothing."""
        if not after_thought(completion.text):
            raise FormatError("the reply is empty")
        if completion.cut_off:
            return cls(completion.text, "", cut_off=True)
        return cls(completion.text, serial_answer(completion.text))


class Unanswered(NamedTuple):
    """No request for a reply led to one. `may_pass`: the same requests may succeed later."""

    may_pass: bool


class Asker:
    """Asks a server for one problem, and remembers calls and faults for its result."""

    def __init__(self, server: Server, settings: Settings, problem: Problem) -> None:
        self.server, self.settings, self.problem = server, settings, problem
        self.ledger = Ledger(problem.id)
        self.faults: list[str] = []

    async def ask(
        self,
        context: str,
        read: Callable[[Completion], Value],
        *,
        role: str,
        phase: int = 0,
        prompt: int = 0,
        what: str = "",
        ready: float | None = None,
        needed: bool = True,
        on_text: Callable[[], Callable[[str], bool] | None] = lambda: None,
        on_discarded: Callable[[SprintError], None] | None = None,
    ) -> Value | Unanswered:
        """What `read` makes of the reply; after a FormatError of `read` it is asked for again.

        How often, `Attempts` says. `what` names the reply in faults. `on_text` gives what hears the
        text of an attempt, `on_discarded` hears why one does not count. Raises RefusedError where
        the server refuses a request that is `needed`, ServerError where it is gone.
        """
        attempts = Attempts(
            self.settings.max_attempts, self.ledger, self.faults, what, on_discarded
        )
        for attempt in attempts:
            with attempts.noted():
                completion = await self.ledger.ask(
                    self.server,
                    context,
                    self._sampling(attempts.useless, (role, phase, prompt)),
                    role=role,
                    phase=phase,
                    prompt=prompt,
                    attempt=attempt,
                    ready=ready,
                    on_text=on_text(),
                )
                return read(completion)
        if attempts.refusal and needed:
            raise attempts.refusal
        return Unanswered(attempts.may_pass)

    def mark(self, what: str, fault: str) -> None:
        """Remember a fault of the reply `what`."""
        self.faults.append(f"{what}, {fault}" if what else fault)

    def mark_if_cut(self, what: str, reply: Reply) -> None:
        if reply.cut_off:
            self.mark(what, "the answer was cut off at its token limit")

    def result(
        self, text: str, answer: str, *, final: bool = True, elapsed: float | None = None
    ) -> Result:
        """What the problem's calls have come to; not `final` where the next run should try it.

        `elapsed` in seconds, where the problem had ended before now.
        """
        return Result(
            problem=self.problem,
            text=text,
            response=text,
            answer=answer,
            elapsed=self.ledger.elapsed() if elapsed is None else elapsed,
            calls=self.ledger.calls,
            faults=tuple(self.faults),
            final=final,
        )

    def _sampling(self, useless: int, place: tuple[str, int, int]) -> Sampling:
        settings = self.settings
        sampling = Sampling(
            settings.max_tokens,
            settings.temperature,
            settings.top_p,
            seed=derived_seed(settings.seed, *place, useless),
        )
        return sampling.hotter() if useless else sampling
