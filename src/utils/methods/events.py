"""Events that are reported while a problem is being solved.

Texts contain no tags of the grammar. The pieces of one text, joined, are that text without
surrounding white space. `seconds` counts from the start of the problem.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import SprintError


@dataclass(frozen=True, slots=True)
class Event:
    """Base class of all events."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PlanText(Event):
    """The next piece of a plan's text outside its prompts."""

    phase: int
    text: str


@dataclass(frozen=True, slots=True)
class PromptOpened(Event):
    """The plan starts its next prompt."""

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
    """The plan is complete and valid. Its executions may still be running."""

    phase: int


@dataclass(frozen=True, slots=True)
class ExecutionText(Event):
    """The next piece of an execution."""

    phase: int
    prompt: int
    text: str


@dataclass(frozen=True, slots=True)
class ExecutionDone(Event):
    """An execution has ended. `text` is its full text, whether or not it was streamed."""

    phase: int
    prompt: int
    text: str


@dataclass(frozen=True, slots=True)
class Discarded(Event):
    """An attempt failed and its text is discarded. It may be retried.

    With `prompt` 0 it is a plan with its executions, a final answer or a serial reply.
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
    """The problem ended at its deadline or its token limit."""

    reason: str
    by_deadline: bool


OnEvent = Callable[[Event], bool]
"""Called with each event. Returns True to stop the answer's call early."""
