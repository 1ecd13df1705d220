"""Prints events as lines in a terminal; a mark names the text that a line belongs to."""

from __future__ import annotations

from collections.abc import Callable

from ...utils.methods.events import (
    AnswerText,
    CutShort,
    Discarded,
    Event,
    ExecutionDone,
    ExecutionText,
    PlanDone,
    PlanText,
    PromptClosed,
    PromptOpened,
    PromptText,
    ThoughtText,
)

Print = Callable[[str], object]


class Lines:
    """One text that grows: it is printed a line at a time, as soon as a line is full."""

    def __init__(self, mark: str, width: int, show: Print) -> None:
        self._mark, self._width, self._show = f"[{mark}] ", max(20, width - len(mark) - 3), show
        self._rest = ""

    def feed(self, piece: str) -> None:
        *whole, self._rest = (self._rest + piece).split("\n")
        for line in whole:
            self._print(line, to_the_end=True)
        self._rest = self._print(self._rest, to_the_end=False)

    def end(self) -> None:
        self.feed("\n")

    def _print(self, line: str, *, to_the_end: bool) -> str:
        """Print the full lines, and at the end the rest; return the unfinished rest."""
        start = 0
        while len(line) - start > self._width:
            end = line.rfind(" ", start + 1, start + self._width + 1)
            end = end if end > 0 else start + self._width
            if full := line[start:end].strip():
                self._show(self._mark + full)
            start = end
        rest = line[start:]
        if to_the_end and rest.strip():
            self._show(self._mark + rest.strip())
        return "" if to_the_end else rest


class TerminalOutput:
    """Prints the events of one problem. `answer_pieces`: in how many the answer came."""

    def __init__(self, width: int, show: Print) -> None:
        self._width, self._show = width, show
        self._lines: dict[str, Lines] = {}
        self._seen: set[str] = set()
        self.answer_pieces = 0

    def on_event(self, event: Event) -> bool:
        match event:
            case PlanText():
                self._feed(f"plan {event.phase}", event.text)
            case PromptOpened():
                self._end(f"plan {event.phase}")
            case PromptText():
                self._feed(f"task {event.phase}.{event.prompt}", event.text)
            case PromptClosed():
                self._end(f"task {event.phase}.{event.prompt}")
            case PlanDone():
                self._end(f"plan {event.phase}")
            case ExecutionText():
                self._feed(f"{event.phase}.{event.prompt}", event.text)
            case ExecutionDone():
                self._end_execution(event)
            case ThoughtText():
                self._feed("thought", event.text)
            case AnswerText():
                self._end("thought")
                self.answer_pieces += 1
                self._feed("answer", event.text)
            case Discarded():
                self._discard(event)
            case CutShort():
                self._show(f"({event.reason})")
        return False

    def end(self) -> None:
        """Print what is left of all texts."""
        for mark in [*self._lines]:
            self._end(mark)

    def _feed(self, mark: str, text: str) -> None:
        self._seen.add(mark)
        if mark not in self._lines:
            self._lines[mark] = Lines(mark, self._width, self._show)
        self._lines[mark].feed(text)

    def _end(self, mark: str) -> None:
        if lines := self._lines.pop(mark, None):
            lines.end()

    def _end_execution(self, event: ExecutionDone) -> None:
        mark = f"{event.phase}.{event.prompt}"
        if mark not in self._seen:  # nothing of it came in pieces
            self._feed(mark, event.text)
        self._end(mark)

    def _discard(self, event: Discarded) -> None:
        what = "this attempt"
        if event.prompt:
            what = f"{event.phase}.{event.prompt}"
            self._end(what)
            self._seen.discard(what)
        else:  # with all that belongs to it
            self.end()
            self._seen.clear()
            self.answer_pieces = 0
        self._show(f"({what} was discarded)")
