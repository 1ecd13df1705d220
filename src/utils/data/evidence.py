"""What cells tell about their columns: whether they hold thoughts, questions or neither."""

from __future__ import annotations

from collections.abc import Sequence

from ..grammar.thoughts import split_thought
from . import layouts
from .cells import Row, Value, structure
from .chat import is_chat, messages_in, read_chat
from .column_names import Field, loose
from .thought_choice import read

SWITCHES = ("on", "off", "true", "false", "yes", "no")
"""What a column `reasoning` may hold that tells how the model was asked."""


CHARACTERS = 8
"""Of a word, in scripts that have no blanks."""


def holds_thought(value: Value, words: int = 1) -> bool:
    """Whether a cell holds a thought of so many words at least."""
    thoughts = (attempt.thought.strip() for attempt in read(value))
    return any(
        (len(thought.split()) >= words or len(thought) >= words * CHARACTERS)
        and thought.casefold() not in SWITCHES
        for thought in thoughts
    )


def asks(row: Row, field: Field) -> bool:
    messages = messages_in(field.value(row))
    return is_chat(messages) and bool(read_chat(messages).question)


def has_tags(value: Value) -> bool:
    value = structure(value)
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(text, str) and (split := split_thought(text)).closed and bool(split.thought)
        for text in texts
    )


def has_tagged_thought(row: Row, field: Field) -> bool:
    messages = messages_in(field.value(row))
    return is_chat(messages) and (read_chat(messages).reply.closed)


def differs(row: Row, field: Field, solution: Field | None) -> bool:
    """Whether a chat replies otherwise than a solution that the row has besides."""
    messages = messages_in(field.value(row))
    known = solution.text(row).strip() if solution else ""
    reply = read_chat(messages).reply.thought.strip() if is_chat(messages) else ""
    return bool(known and reply) and reply != known


def is_solution_the_thought(names: Sequence[str]) -> bool:
    beside = {loose(name) for name in (*layouts.ID, *layouts.LEVEL, *layouts.SUBJECT)}
    found = [name for name in map(loose, names) if name not in beside]
    return len(found) == len(layouts.SOLUTION_IS_THOUGHT) and all(
        any(name in choices for name in found) for choices in layouts.SOLUTION_IS_THOUGHT
    )
