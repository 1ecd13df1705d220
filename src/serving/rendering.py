"""Renders the events of a problem as reasoning and answer, in a readable order.

A plan is streamed as it is written. Its results follow in task order: each is streamed once the
results before it are complete. So any client shows the reasoning as one text whose lines do not
interleave.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ..utils.methods.events import (
    AnswerText,
    CutShort,
    Discarded,
    Event,
    ExecutionDone,
    ExecutionText,
    PhaseJoined,
    PlanDone,
    PlanText,
    PromptOpened,
    PromptText,
    ThoughtText,
)
from .answering import SentAnswer

AGAIN = "*This is discarded and written again.*"

MessageField = Literal["reasoning", "content"]


class Delta(NamedTuple):
    """Text to append to a field of the message."""

    field: MessageField
    text: str


@dataclass
class _Result:
    """An execution so far."""

    text: str = ""
    shown: int = 0
    """Number of its characters that the client has."""
    done: bool = False


@dataclass
class _Phase:
    """The current phase."""

    results: dict[int, _Result] = field(default_factory=dict)
    planned: bool = False
    """The plan is complete and valid: its results may be shown."""
    current: int = 1
    """The next result to show."""
    anything: bool = False
    """Some of the phase was shown."""


class Rendering:
    """One answer. `feed` takes the events of its problem one by one."""

    def __init__(self, stops: tuple[str, ...] = ()) -> None:
        self.answer = SentAnswer(stops)
        self.cut_short: CutShort | None = None
        self.last_discarded: Discarded | None = None
        self._phase = _Phase()
        self._paragraph: tuple[object, ...] = ()
        """Identifies the last paragraph of the thought; () if nothing was shown yet."""
        self._again = False
        """Something shown was discarded, and nothing follows yet."""

    def feed(self, event: Event) -> Iterator[Delta]:
        """Take an event; yield the text to send."""
        match event:
            case PlanText():
                yield from self._plan(event.phase, ("text", event.phase), "", event.text)
            case PromptOpened():
                heading = f"**Task {event.phase}.{event.prompt}:** "
                yield from self._plan(event.phase, _task(event), heading, "")
            case PromptText():
                yield from self._plan(event.phase, _task(event), "", event.text)
            case PlanDone():
                self._phase.planned = True
                yield from self._results(event.phase)
            case ExecutionText():
                self._result(event.prompt).text += event.text
                yield from self._results(event.phase)
            case ExecutionDone():
                yield from self._done(event)
            case PhaseJoined():
                self._phase = _Phase()
            case ThoughtText():
                self._phase.anything = True
                yield from self._add(("thought",), "", event.text)
            case AnswerText():
                if text := self.answer.feed(event.text):
                    yield from self._told_again()
                    yield Delta("content", text)
            case Discarded():
                self.last_discarded = event
                self._discard(event)
            case CutShort():
                self.cut_short = event

    def end(self) -> Iterator[Delta]:
        """Yield the rest after the last event."""
        if text := self.answer.end():
            yield Delta("content", text)

    def _plan(self, phase: int, of: tuple[object, ...], heading: str, text: str) -> Iterator[Delta]:
        if not self._phase.anything:
            self._phase.anything = True
            yield from self._add(("plan", phase), f"**Plan {phase}**", "")
        yield from self._add(of, heading, text)

    def _result(self, prompt: int) -> _Result:
        return self._phase.results.setdefault(prompt, _Result())

    def _done(self, event: ExecutionDone) -> Iterator[Delta]:
        result = self._result(event.prompt)
        if not event.text.startswith(result.text[: result.shown]):
            result.shown = 0  # the server changed the text: show all of it again
        result.text, result.done = event.text, True
        yield from self._results(event.phase)

    def _results(self, phase: int) -> Iterator[Delta]:
        """Show the results that are next in order."""
        state = self._phase
        while state.planned and (result := state.results.get(state.current)) is not None:
            if text := result.text[result.shown :]:
                of = ("result", phase, state.current)
                heading = f"**Result {phase}.{state.current}:** "
                yield from self._add(of, heading, text)
                result.shown = len(result.text)
            if not result.done:
                return
            state.current += 1

    def _discard(self, event: Discarded) -> None:
        if event.prompt:
            anything = self._result(event.prompt).shown > 0
            self._phase.results[event.prompt] = _Result()
        else:
            anything, self._phase = self._phase.anything, _Phase()
            self.answer.discard()
        self._again = self._again or anything

    def _told_again(self) -> Iterator[Delta]:
        """Say that something was discarded, once something follows."""
        if self._again:
            self._again = False
            yield Delta("reasoning", f"\n\n{AGAIN}")
            self._paragraph = ("again",)

    def _add(self, of: tuple[object, ...], heading: str, text: str) -> Iterator[Delta]:
        """Continue the paragraph, or begin a new one with its heading."""
        yield from self._told_again()
        between = "\n\n" if self._paragraph else ""
        begin = "" if of == self._paragraph else f"{between}{heading}"
        self._paragraph = of
        yield Delta("reasoning", begin + text)


def _task(event: PromptOpened | PromptText) -> tuple[object, ...]:
    return "task", event.phase, event.prompt
