"""Lists of messages in chat data: `role`/`content` or `from`/`value`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from ..grammar.thought_tags import SplitThought, split_thought
from .cells import Row, Value, structure
from .column_paths import ColumnPath, find_name, follow
from .source import FIRST_COMPLETE

ROLE_KEYS = ("role", "from", "speaker", "author")
CONTENT_KEYS = ("content", "value", "text")
USERS = ("user", "human", "prompter", "instruction")
ASSISTANTS = ("assistant", "gpt", "model", "chatbot", "bot", "ai")
THOUGHT_PATHS = (
    ("reasoning_content",),
    ("reasoning",),
    ("thinking",),
    ("thought",),
    ("info", "think_content"),
)
"""Keys of a message's thought, if it is not in its content."""
REFERENCE_PATHS = (("info", "reference_answer"), ("reference_answer",))
"""Keys of a message's reference answer."""

Messages = Sequence[Mapping[str, Value]]


@dataclass(frozen=True)
class Exchange:
    """The first question of a chat and its reply; a missing text is ""."""

    question: str
    reply: SplitThought


def messages_in(value: Value) -> Value:
    """A cell as its list of messages, else as its structure.

    Older datasets store the list as an object of lists, one for each key of a message.
    """
    value = structure(value)
    if not isinstance(value, dict) or find_first(value, ROLE_KEYS) is None:
        return value
    columns = {key: column for key, column in value.items() if isinstance(column, list)}
    if find_first(columns, CONTENT_KEYS) is None or len(set(map(len, columns.values()))) != 1:
        return value
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def is_chat(value: Value) -> TypeGuard[Messages]:
    """Whether a value is a list of messages."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(message, dict)
            and find_first(message, ROLE_KEYS) is not None
            and find_first(message, CONTENT_KEYS) is not None
            for message in value
        )
    )


def find_first(names: Mapping[str, Value], wanted: Sequence[str]) -> str | None:
    """The first of the wanted names that is among the names."""
    found = (find_name(names, name) for name in wanted)
    return next((name for name in found if name is not None), None)


def read_conversation(messages: Messages) -> Exchange:
    """The first exchange; several user messages before the reply are one question."""
    question = list[str]()
    reply = SplitThought("", "", closed=False)
    for message in messages:
        role = _role(message)
        if role in USERS:
            if reply.thought:
                break
            question.append(_content(message))
        elif role in ASSISTANTS and not reply.thought:
            reply = _reply(message)
    return Exchange("\n\n".join(filter(None, question)), reply)


def _role(message: Mapping[str, Value]) -> str:
    key = find_first(message, ROLE_KEYS)
    role = message[key] if key else None
    return role.strip().casefold() if isinstance(role, str) else ""


def _content(message: Mapping[str, Value]) -> str:
    """The text of a message, also if it is split into parts."""
    key = find_first(message, CONTENT_KEYS)
    content = message[key] if key else None
    if isinstance(content, list):
        return "".join(part for it in content if isinstance(part := follow(it, ("text",)), str))
    return content if isinstance(content, str) else ""


def _reply(message: Mapping[str, Value]) -> SplitThought:
    content = _content(message)
    thought = _first_text(message, THOUGHT_PATHS) or _thinking_parts(message)
    split = split_thought(content)
    if not thought or split.closed:
        return split
    return SplitThought(thought, content.strip(), closed=True)


def _thinking_parts(message: Mapping[str, Value]) -> str:
    """The thought of a message whose content is a list of parts, some of them `thinking`."""
    key = find_first(message, CONTENT_KEYS)
    parts = message[key] if key else None
    if not isinstance(parts, list):
        return ""
    return "".join(text for part in parts if isinstance(text := follow(part, ("thinking",)), str))


def _first_text(message: Mapping[str, Value], paths: Sequence[tuple[str, ...]]) -> str:
    found = (follow(dict(message), path) for path in paths)
    return next((text for text in found if isinstance(text, str) and text.strip()), "")


YES = ("true", "1", "1.0", "yes", "correct", "right", "stop", "complete")
"""Marks of a correct or complete thought."""
TEXT_KEYS = ("content", "text", "generation", "response", "output")
"""Keys under which an object keeps the text of a generation."""


@dataclass(frozen=True)
class ThoughtFields:
    """The columns with a row's thoughts, and the dataset's marks for them.

    Several `fields` have one thought each (`r1_solution_1`, …); a single one may contain a text, a
    list of texts or a chat. `correct` and `complete` are columns with a list of marks.
    """

    fields: tuple[ColumnPath, ...]
    correct: tuple[ColumnPath, ...] = ()
    complete: tuple[ColumnPath, ...] = ()

    def choose(self, row: Row, generation: str) -> SplitThought | None:
        """The thought chosen by `generation` (see DataSource); None if there is none."""
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
    """The thoughts in a cell."""
    value = messages_in(value)
    if isinstance(value, str):
        return [split_thought(value)]
    if is_chat(value):
        return [read_conversation(value).reply]
    if isinstance(value, list):
        return [_attempt(part) for part in value]
    return []


def _attempt(value: Value) -> SplitThought:
    value = messages_in(value)
    if is_chat(value):
        return read_conversation(value).reply
    if isinstance(value, dict):
        found = (follow(value, (key,)) for key in TEXT_KEYS)
        value = next((text for text in found if isinstance(text, str)), None)
    return split_thought(value if isinstance(value, str) else "")


def _marks(columns: Sequence[ColumnPath], row: Row, count: int) -> list[bool]:
    """The marks of the first column that has one for each thought; none without such a column."""
    for column in columns:
        marks = structure(column.value(row))
        if isinstance(marks, list) and len(marks) == count and any(it is not None for it in marks):
            return [isinstance(it, str) and it.strip().casefold() in YES for it in marks]
    return []
