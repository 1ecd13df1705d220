"""Reports events while a problem is being solved. Does nothing without a listener."""

from __future__ import annotations

from collections.abc import Callable

from ..utils.errors import SprintError
from ..utils.grammar import LiveExecution, LivePart, LiveReply, PartKind
from ..utils.methods.events import (
    AnswerText,
    CutShort,
    Discarded,
    Event,
    ExecutionDone,
    ExecutionText,
    OnEvent,
    PhaseJoined,
    PlanDone,
    PlanText,
    PromptClosed,
    PromptOpened,
    PromptText,
)
from ..utils.methods.ledger import Ledger

OnText = Callable[[str], bool]


class EventReporter:
    """The events of one problem."""

    def __init__(self, on_event: OnEvent | None, ledger: Ledger) -> None:
        self._on_event, self._ledger = on_event, ledger

    def planner(
        self, phase: int, on_text: OnText | None, *, answers: bool = False
    ) -> OnText | None:
        """The callback for a planner's reply: calls the listener, then `on_text`."""
        if self._on_event is None:
            return on_text
        listen, live = self._on_event, LiveReply(answers=answers)

        def report(piece: str) -> bool:
            enough = False
            for part in live.feed(piece):
                enough = listen(self._event(part, phase)) or enough
            return (on_text is not None and on_text(piece)) or enough

        return report

    def executor(self, phase: int, prompt: int, on_text: OnText) -> OnText:
        """The callback for an executor's reply."""
        if self._on_event is None:
            return on_text
        listen, live = self._on_event, LiveExecution()

        def report(piece: str) -> bool:
            if text := live.feed(piece):
                listen(ExecutionText(self._ledger.elapsed(), phase, prompt, text))
            return on_text(piece)

        return report

    def plan_done(self, phase: int) -> None:
        self._report(lambda seconds: PlanDone(seconds, phase))

    def execution_done(self, phase: int, prompt: int, text: str) -> None:
        self._report(lambda seconds: ExecutionDone(seconds, phase, prompt, text))

    def joined(self, phase: int) -> None:
        self._report(lambda seconds: PhaseJoined(seconds, phase))

    def cut_short(self, reason: str, by_deadline: bool) -> None:
        self._report(lambda seconds: CutShort(seconds, reason, by_deadline))

    def discarded(self, phase: int, prompt: int = 0) -> Callable[[SprintError], None]:
        """The callback for the error that discards an attempt."""
        return lambda error: self._report(lambda seconds: Discarded(seconds, phase, prompt, error))

    def _report(self, event: Callable[[float], Event]) -> None:
        if self._on_event is not None:
            self._on_event(event(self._ledger.elapsed()))

    def _event(self, part: LivePart, phase: int) -> Event:
        seconds = self._ledger.elapsed()
        match part.kind:
            case PartKind.TEXT:
                return PlanText(seconds, phase, part.text)
            case PartKind.PROMPT_OPENED:
                return PromptOpened(seconds, phase, part.prompt)
            case PartKind.PROMPT:
                return PromptText(seconds, phase, part.prompt, part.text)
            case PartKind.PROMPT_CLOSED:
                return PromptClosed(seconds, phase, part.prompt)
            case PartKind.ANSWER:
                return AnswerText(seconds, part.text)
