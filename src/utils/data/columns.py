"""Finds the columns of a dataset: by flags, the usual names, and their content."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..errors import InputError
from . import column_aliases
from .cells import Value
from .column_aliases import (
    asks,
    differs,
    has_tagged_thought,
    has_tags,
    holds_thought,
    is_solution_the_thought,
)
from .column_paths import ColumnPath, find_field, find_name, loose
from .conversations import REFERENCE_PATHS, ThoughtFields, is_chat, messages_in
from .source import DataSource
from .table import Table

SAMPLE = 10
"""Rows to inspect for the content of a column, from the start and spread over all."""

FEWEST_WORDS = 4
"""Minimum words of a thought in a column that is recognised only by its suffix."""


@dataclass(frozen=True)
class ColumnLayout:
    """The columns of a problem and its thought (None: there is none).

    `context` belongs to the question. `chat` is a list of messages, for questions without a column
    of their own. `response` is the model's text after its thought. `options` are not read: the
    question should contain them.
    """

    question: ColumnPath | None = None
    context: ColumnPath | None = None
    answer: ColumnPath | None = None
    solution: ColumnPath | None = None
    response: ColumnPath | None = None
    thought: ThoughtFields | None = None
    trajectory: ColumnPath | None = None
    chat: ColumnPath | None = None
    id: ColumnPath | None = None
    level: ColumnPath | None = None
    subject: ColumnPath | None = None
    options: ColumnPath | None = None

    def thought_is_in(self, field: ColumnPath) -> bool:
        """Whether a field also contains the thought, in one text followed by the answer."""
        return self.thought is not None and field in self.thought.fields

    @property
    def columns(self) -> list[str]:
        """The columns to read."""
        parts = (getattr(self, part.name) for part in dataclasses.fields(self))
        fields = [
            part for part in parts if isinstance(part, ColumnPath) and part is not self.options
        ]
        if self.thought:
            fields += [*self.thought.fields, *self.thought.correct, *self.thought.complete]
        return list(dict.fromkeys(field.column for field in fields))


def find_layout(table: Table, source: DataSource, *, thoughts: bool) -> ColumnLayout:
    """The layout of a dataset of problems, or of `thoughts` and their problems.

    InputError, with the flag to give, if a required part is not found.
    """
    finder = _Finder(table, source)
    layout = finder.problem()
    if layout.solution and layout.answer and not finder.holds_text(layout.answer):
        layout = replace(layout, answer=None)
    layout = replace(layout, chat=finder.chat(layout.solution), options=finder.options())
    if layout.answer is None:
        layout = replace(layout, answer=finder.nested_answer(layout.chat))
    if thoughts:
        layout = finder.with_thoughts(layout)
        if layout.answer and layout.thought_is_in(layout.answer) and not source.answer_column:
            layout = replace(layout, answer=None)
    layout = replace(layout, chat=finder.asking(layout.chat))
    if layout.question is not None and loose(layout.question.column) == column_aliases.WITH_CONTEXT:
        layout = replace(layout, context=finder.text("context", column_aliases.CONTEXT))
    if layout.question is None and layout.chat is None:
        raise finder.missing("question", column_aliases.QUESTION)
    if layout.answer is None and layout.solution is None and layout.thought is None:
        raise finder.missing("answer", column_aliases.ANSWER)
    return layout


def find_trajectory_layout(table: Table, source: DataSource) -> ColumnLayout:
    """The layout of a dataset of finished trajectories, whose column is named.

    All other parts may be missing. A solution, which may be the trajectory's own, and a thought
    count only if they are named. InputError if there is no such column.
    """
    finder = _Finder(table, source)
    layout = finder.problem()
    trajectory, thought = (finder.text(role, ()) for role in ("trajectory", "thought"))
    for role in ("question", "answer", "solution"):
        named = role in source.named_columns
        if getattr(layout, role) == trajectory or (role == "solution" and not named):
            layout = replace(layout, **{role: None})
    return replace(
        layout,
        trajectory=trajectory,
        thought=ThoughtFields((thought,)) if thought else None,
        chat=finder.asking(None),
    )


class _Finder:
    """Finds columns in a table, and keeps a few of its rows."""

    def __init__(self, table: Table, source: DataSource) -> None:
        if not len(table) or not table.column_names:
            raise InputError(f"{source.hub_path} contains no rows: use a dataset with rows.")
        self.source = source
        self.names = sorted(table.column_names, key=lambda name: "reject" in name.casefold())
        spread = (len(table) * part // SAMPLE for part in range(SAMPLE))
        places = {*range(min(SAMPLE, len(table))), *spread}
        self.rows = [table[index] for index in sorted(places)]

    def problem(self) -> ColumnLayout:
        """The columns of a problem that have usual names."""
        return ColumnLayout(
            question=self.text("question", column_aliases.QUESTION),
            answer=self.text("answer", column_aliases.ANSWER),
            solution=self.text("solution", column_aliases.SOLUTION),
            id=self.text("id", column_aliases.ID),
            level=self.text("level", column_aliases.LEVEL),
            subject=self.text("subject", column_aliases.SUBJECT),
        )

    def text(self, role: str, names: Sequence[str]) -> ColumnPath | None:
        """The column named for a role, else the first of the usual names with some text."""
        if named := self.source.named_columns.get(role):
            return self._named(role, named)
        structured = None
        for field in self._usual(names):
            found = [value for row in self.rows if (value := field.value(row)) is not None]
            if not found and not self._is_last(field, names):
                continue
            if any(is_chat(messages_in(value)) for value in found):
                continue
            if any(isinstance(value, str) for value in found) or not found:
                return field
            structured = structured or field
        if structured is not None and role in ("question", "answer"):
            raise self._no_text(role, structured)
        return None

    def holds_text(self, field: ColumnPath) -> bool:
        return any(field.text(row).strip() for row in self.rows)

    def _is_last(self, field: ColumnPath, names: Sequence[str]) -> bool:
        """Whether no other usual name is also a column: then an empty one is used."""
        return field == list(self._usual(names))[-1]

    def _usual(self, names: Sequence[str]) -> list[ColumnPath]:
        found = [name for wanted in names if (name := find_name(self.names, wanted))]
        return [ColumnPath(name) for name in dict.fromkeys(found)]

    def _named(self, role: str, name: str) -> ColumnPath:
        field = find_field(self.names, name)
        if field is None:
            raise InputError(
                f"{self.source.hub_path} has no column {name}: found {self._found}. "
                f"Correct --{role}_column."
            )
        values = [value for row in self.rows if (value := field.value(row)) is not None]
        if values and role != "thought" and not any(isinstance(it, str) for it in values):
            raise self._no_text(role, field)
        return field

    def _no_text(self, role: str, field: ColumnPath) -> InputError:
        inside = next(
            (value for row in self.rows if isinstance(value := field.value(row), list | dict)), None
        )
        place = next(iter(inside), "0") if isinstance(inside, dict) else "0"
        return InputError(
            f"The column {field} of {self.source.hub_path} contains lists or objects: expected the "
            f"{role} as one text per row. Name the path inside, such as "
            f"--{role}_column {field}.{place}."
        )

    def missing(self, role: str, names: Sequence[str]) -> InputError:
        return InputError(
            f"{self.source.hub_path} has no known {role} column: expected one of "
            f"{', '.join(names[:8])}, found {self._found}. Pass --{role}_column NAME."
        )

    @property
    def _found(self) -> str:
        some = ", ".join(self.names[:40])
        return some if len(self.names) <= 40 else f"{some} and {len(self.names) - 40} more"

    def _chats(self) -> list[ColumnPath]:
        """Columns with lists of messages, the usual names first."""
        usual = [field.column for field in self._usual(column_aliases.CHAT)]
        names = dict.fromkeys([*usual, *self.names])
        return [ColumnPath(name) for name in names if self._values(ColumnPath(name), is_chat)]

    def _values(self, field: ColumnPath, accepts: Callable[[Value], bool]) -> list[Value]:
        found = (messages_in(field.value(row)) for row in self.rows)
        return [value for value in found if accepts(value)]

    def chat(self, solution: ColumnPath | None) -> ColumnPath | None:
        """The chat that contains a thought, else the first one."""
        chats = self._chats()
        for is_sought in (has_tagged_thought, lambda row, field: differs(row, field, solution)):
            for field in chats:
                if any(is_sought(row, field) for row in self.rows):
                    return field
        return chats[0] if chats else None

    def asking(self, chat: ColumnPath | None) -> ColumnPath | None:
        """The chat with the questions: that of the thoughts, or another one."""
        chats = [*([chat] if chat else []), *self._chats()]
        return next((it for it in chats if any(asks(row, it) for row in self.rows)), None)

    def options(self) -> ColumnPath | None:
        """Lists of the options of the questions."""
        fields = self._usual(column_aliases.OPTIONS)
        return next(
            (it for it in fields if self._values(it, lambda it: isinstance(it, list | dict))), None
        )

    def nested_answer(self, chat: ColumnPath | None) -> ColumnPath | None:
        """The place of the reference answer in an object, or in a message of a chat.

        It may be a JSON list, whose first text counts.
        """
        places = [
            ColumnPath(column, (key,))
            for name, key in column_aliases.NESTED_ANSWER
            if (column := find_name(self.names, name)) is not None
        ]
        if chat is not None:
            places += [
                ColumnPath(chat.column, (number, *path))
                for path in REFERENCE_PATHS
                for number in ("0", "1", "-1")
            ]
        for field in places:
            texts = [text for row in self.rows if (text := field.text(row))]
            if texts:
                is_listed = all(text.startswith('["') for text in texts)
                return replace(field, path=(*field.path, "0")) if is_listed else field
        return None

    def with_thoughts(self, layout: ColumnLayout) -> ColumnLayout:
        """The layout, including the place of the thoughts."""
        response = next(iter(self._usual(column_aliases.RESPONSE)), None)
        layout = replace(layout, response=response)
        if named := self.source.thought_column:
            return replace(layout, thought=self._marked((self._named("thought", named),)))
        if fields := self._thought_columns(words=2):  # one word may describe the prompt
            return replace(layout, thought=self._marked(fields))
        if layout.chat and (
            any(has_tagged_thought(row, layout.chat) for row in self.rows)
            or any(differs(row, layout.chat, layout.solution) for row in self.rows)
        ):
            return replace(layout, thought=ThoughtFields((layout.chat,)))
        for name in self.names:
            if any(has_tags(row.get(name)) for row in self.rows):
                return replace(layout, thought=self._marked((ColumnPath(name),)))
        for name in self.names:
            if column_aliases.THOUGHT_ENDINGS.search(loose(name)) and any(
                holds_thought(row.get(name), words=FEWEST_WORDS) for row in self.rows
            ):
                return replace(layout, thought=self._marked((ColumnPath(name),)))
        if fields := self._thought_columns(words=1):
            return replace(layout, thought=self._marked(fields))
        if layout.solution and is_solution_the_thought(self.names):
            return replace(layout, thought=ThoughtFields((layout.solution,)))
        raise self._no_thought(layout)

    def _thought_columns(self, words: int) -> tuple[ColumnPath, ...]:
        """A column with thoughts by name, or several numbered ones (`r1_solution_1`)."""
        for wanted in column_aliases.THOUGHT:
            name = find_name(self.names, wanted)
            if name and any(holds_thought(row.get(name), words) for row in self.rows):
                return (ColumnPath(name),)
            numbered = {
                int(number[1]): ColumnPath(column)
                for column in self.names
                if (number := re.fullmatch(re.escape(loose(wanted)) + r"(\d{1,3})", loose(column)))
            }
            if numbered:
                return tuple(field for _, field in sorted(numbered.items()))
        return ()

    def _marked(self, fields: tuple[ColumnPath, ...]) -> ThoughtFields:
        correct, complete = (
            self._usual(column_aliases.CORRECT),
            self._usual(column_aliases.COMPLETE),
        )
        return ThoughtFields(fields, tuple(correct), tuple(complete))

    def _no_thought(self, layout: ColumnLayout) -> InputError:
        if layout.chat is not None:
            where, field = "its replies have no thought tags", f"{layout.chat}.1.content"
            for row in self.rows:
                messages = messages_in(layout.chat.value(row))
                if is_chat(messages) and "value" in messages[0]:
                    field = f"{layout.chat}.1.value"
        if layout.solution is not None:
            where, field = "it has a solution, which may not be a thought", str(layout.solution)
        elif layout.chat is None:
            return self.missing("thought", column_aliases.THOUGHT)
        return InputError(
            f"{self.source.hub_path} has no known column with thoughts, found "
            f"{self._found}: {where}. Pass --thought_column {field} to use it as the thought, "
            "or name another column."
        )
