"""What happens while a problem is being solved, as it happens.

No text holds a tag of the grammar, and the pieces of one text, put together, are that text without
white space at its ends. `seconds` are those since the problem began.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SprintError


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PlanText(Event):
    """The next piece of a plan's text outside of its prompts."""

    phase: int
    text: str


@dataclass(frozen=True, slots=True)
class PromptOpened(Event):
    """The plan begins its next prompt."""

    phase: int
    prompt: int


@dataclass(frozen=True, slots=True)
class PromptText(Event):
    """The next piece of a prompt."""

    phase: int
    prompt: int
    text: str


@dataclass(frozen=True, slots=True)
class PromptClosed(Event):
    """A prompt is complete."""

    phase: int
    prompt: int


@dataclass(frozen=True, slots=True)
class PlanDone(Event):
    """The plan is complete and stands; its executions may still be under way."""

    phase: int


@dataclass(frozen=True, slots=True)
class ExecutionText(Event):
    """The next piece of an execution."""

    phase: int
    prompt: int
    text: str


@dataclass(frozen=True, slots=True)
class ExecutionDone(Event):
    """An execution has ended; `text` is all of it, also where nothing of it came in pieces."""

    phase: int
    prompt: int
    text: str


@dataclass(frozen=True, slots=True)
class Discarded(Event):
    """An attempt does not count, and what it has said neither; it may be made again.

    `prompt` 0: a plan with its executions, a final answer, or a serial reply.
    """

    phase: int
    prompt: int
    error: SprintError


@dataclass(frozen=True, slots=True)
class PhaseJoined(Event):
    """All executions of a phase are done."""

    phase: int


@dataclass(frozen=True, slots=True)
class ThoughtText(Event):
    """The next piece of a serial thought."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerText(Event):
    """The next piece of the final answer."""

    text: str


@dataclass(frozen=True, slots=True)
class CutShort(Event):
    """The problem ends here, at its deadline or because its tokens are used up."""

    reason: str
    by_deadline: bool


OnEvent = Callable[[Event], bool]
"""Hears each event. True: enough of the answer has been read, and its call is closed."""
