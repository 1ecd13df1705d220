"""The calls of one problem, retried if they fail or the reply is malformed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Generic, NamedTuple, TypeVar

from ..utils.api.completion import Completion
from ..utils.api.protocols import Server, Servers
from ..utils.errors import FormatError, SprintError
from ..utils.grading.final_answers import serial_answer
from ..utils.grammar import after_thought
from ..utils.methods.call_sampling import call_sampling
from ..utils.methods.ledger import Attempts, Ledger
from ..utils.records import CallPlace, Problem, Result
from .config import BaselineSettings

Value = TypeVar("Value")
SettingsT = TypeVar("SettingsT", bound=BaselineSettings)


class Reply(NamedTuple):
    """What a model wrote, and the final answer in it; "" also if the text was cut off."""

    text: str
    answer: str
    cut_off: bool = False

    @classmethod
    def of(cls, completion: Completion) -> Reply:
        """Raises FormatError for an empty reply."""
        if not after_thought(completion.text):
            raise FormatError("the reply is empty")
        if completion.cut_off:
            return cls(completion.text, "", cut_off=True)
        return cls(completion.text, serial_answer(completion.text))


class Unanswered(NamedTuple):
    """Every request for a reply failed. `may_pass`: the same requests may succeed later."""

    may_pass: bool


class Asker:
    """Sends the requests of one problem, and records calls and faults for its result."""

    def __init__(self, server: Server, settings: BaselineSettings, problem: Problem) -> None:
        self.server, self.settings, self.problem = server, settings, problem
        self.ledger = Ledger(problem.id)
        self.faults: list[str] = []

    async def ask(
        self,
        context: str,
        read: Callable[[Completion], Value],
        *,
        place: CallPlace,
        what: str = "",
        ready: float | None = None,
        needed: bool = True,
        on_text: Callable[[], Callable[[str], bool] | None] = lambda: None,
        on_discarded: Callable[[SprintError], None] | None = None,
    ) -> Value | Unanswered:
        """What `read` returns for the reply; retried after a FormatError from `read`.

        `Attempts` sets how often. `what` names the reply in faults. `on_text` gives a listener for
        the text of an attempt; `on_discarded` gets the reason if one is discarded. Raises
        RefusedError if the server refuses a `needed` request, ServerError if the server is gone.
        """
        attempts = Attempts(
            self.settings.max_attempts, self.ledger, self.faults, what, on_discarded
        )
        for attempt in attempts:
            with attempts.noted():
                completion = await self.ledger.ask(
                    self.server,
                    context,
                    call_sampling(
                        self.settings, place, self.settings.max_tokens, useless=attempts.useless
                    ),
                    place=place,
                    attempt=attempt,
                    ready=ready,
                    on_text=on_text(),
                )
                return read(completion)
        if attempts.refusal and needed:
            raise attempts.refusal
        return Unanswered(attempts.may_pass)

    def mark(self, what: str, fault: str) -> None:
        """Record a fault of the reply `what`."""
        self.faults.append(f"{what}, {fault}" if what else fault)

    def mark_if_cut(self, what: str, reply: Reply) -> None:
        if reply.cut_off:
            self.mark(what, "the answer was cut off at its token limit")

    def result(
        self, text: str, answer: str, *, final: bool = True, elapsed: float | None = None
    ) -> Result:
        """The result of the problem's calls; not `final` if the next run should retry it.

        `elapsed` in seconds, if the problem ended before now.
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


SERIAL_PROMPT = "base_model_prompt"


@dataclass(frozen=True)
class BaselineSolver(Generic[SettingsT]):
    """What every method needs to solve problems: the server, and `prompts` by name.

    `think`: requests completions of an open thought, not chat answers.
    """

    servers: Servers
    prompts: Mapping[str, str]
    settings: SettingsT
    _: KW_ONLY
    think: bool
