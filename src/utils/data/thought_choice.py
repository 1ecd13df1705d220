"""The thoughts of a row, of which data sets have one or several, and the choice among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..grammar.thoughts import SplitThought, split_thought
from .cells import Row, Value, structure
from .chat import is_chat, messages_in, read_chat
from .column_names import Field, follow
from .source import FIRST_COMPLETE

YES = ("true", "1", "1.0", "yes", "correct", "right", "stop", "complete")
"""Marks of a correct or complete thought."""
TEXT_KEYS = ("content", "text", "generation", "response", "output")
"""Where an object keeps the text of a generation."""


@dataclass(frozen=True)
class ThoughtFields:
    """Where the thoughts of a row stand, and the marks that the data set gives them.

    Several `fields` are one thought each (`r1_solution_1`, …); a single one may hold a text, a list
    of texts or a chat. `correct` and `complete` are columns with a list of marks.
    """

    fields: tuple[Field, ...]
    correct: tuple[Field, ...] = ()
    complete: tuple[Field, ...] = ()

    def choose(self, row: Row, generation: str) -> SplitThought | None:
        """The thought that `generation` chooses, as DataSource describes; None without one."""
        attempts = [attempt for field in self.fields for attempt in read(field.value(row))]
        if generation.isdecimal():
            number = int(generation)
            return attempts[number] if number < len(attempts) else None
        usable = [place for place, attempt in enumerate(attempts) if attempt.thought.strip()]
        correct = [] if generation == FIRST_COMPLETE else _marks(self.correct, row, len(attempts))
        complete = _marks(self.complete, row, len(attempts)) or [it.closed for it in attempts]
        for marks in (correct, complete):
            if chosen := [place for place in usable if marks and marks[place]]:
                return attempts[chosen[0]]
        return attempts[usable[0]] if usable else None


def read(value: Value) -> list[SplitThought]:
    """The thoughts that a cell holds."""
    value = messages_in(value)
    if isinstance(value, str):
        return [split_thought(value)]
    if is_chat(value):
        return [read_chat(value).reply]
    if isinstance(value, list):
        return [_attempt(part) for part in value]
    return []


def _attempt(value: Value) -> SplitThought:
    value = messages_in(value)
    if is_chat(value):
        return read_chat(value).reply
    if isinstance(value, dict):
        found = (follow(value, (key,)) for key in TEXT_KEYS)
        value = next((text for text in found if isinstance(text, str)), None)
    return split_thought(value if isinstance(value, str) else "")


def _marks(columns: Sequence[Field], row: Row, count: int) -> list[bool]:
    """The marks of the first column that has one for each thought; none without such a column."""
    for column in columns:
        marks = structure(column.value(row))
        if isinstance(marks, list) and len(marks) == count and any(it is not None for it in marks):
            return [isinstance(it, str) and it.strip().casefold() in YES for it in marks]
    return []
