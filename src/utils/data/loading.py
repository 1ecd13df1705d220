"""Loads problems and thoughts, from the hub or from local files, by their columns."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import InputError
from ..grading import has_box
from ..grading.stated_answers import marked_answer, stated_answer
from ..grammar.thought_tags import SplitThought
from ..records import Problem, Thought
from .cells import Row, Value
from .column_paths import ColumnPath
from .columns import ColumnLayout, find_layout
from .conversations import is_chat, messages_in, read_conversation
from .source import DataSource, parse_range, problem_id, safe_name, unique_ids
from .table import LazyRows, Table
from .tables import load_rows

__all__ = [
    "DataSource",
    "load_problems",
    "load_rows",
    "load_thoughts",
    "parse_range",
    "problem_id",
    "safe_name",
    "unique_ids",
]


def load_problems(source: DataSource, preferred: str = "test") -> LazyRows[Problem]:
    """The problems of a dataset; ids are made unique, because they name files.

    The split `default` is the only one, or `preferred`. Rows are read on demand.

    Logs how the columns are used, and how many rows lack a part.
    """
    table = load_rows(source, preferred)
    layout = find_layout(table, source, thoughts=False)
    reader = Reader.of(table, layout, source)
    rows = parse_range(source.rows, len(table))
    problems = LazyRows(table.select_columns(layout.columns), rows, reader.problem)
    report(source, layout, problems)
    return problems


def load_thoughts(source: DataSource) -> LazyRows[Thought]:
    """The raw thoughts of a dataset, with their problems. Rows are read on demand.

    Thoughts are without thought tags and the answer after them. Logs how the columns are used, and
    how many rows lack a part. Raises InputError if no row has a thought.
    """
    table = load_rows(source, preferred="train")
    layout = find_layout(table, source, thoughts=True)
    reader = Reader.of(table, layout, source)
    rows = parse_range(source.rows, len(table))
    thoughts = LazyRows(table.select_columns(layout.columns), rows, reader.thought, reader.ids)
    report(source, layout, thoughts)
    return thoughts


log = logging.getLogger(__name__)

HASHES = "####"
"""The mark before the answer at the end of a solution, in the columns of GSM8K."""
SHORT = 80
"""Maximum characters of a one-line solution that counts as the answer itself."""


@dataclass(frozen=True)
class Reader:
    """Reads rows by a layout. `ids` cover all rows, `generation` is that of the DataSource."""

    layout: ColumnLayout
    ids: Sequence[str]
    generation: str

    @classmethod
    def of(cls, table: Table, layout: ColumnLayout, source: DataSource) -> Reader:
        if layout.id is None:
            keys = [""] * len(table)
        else:
            field = ColumnPath("id", layout.id.path)
            keys = [field.text({"id": cell}).strip() for cell in table.column(layout.id.column)]
        return cls(layout, unique_ids(keys), source.generation)

    def problem(self, index: int, row: Row) -> Problem:
        return self._problem(index, row, None)

    def thought(self, index: int, row: Row) -> Thought:
        """The thought of a row, "" if it has none, with its problem."""
        fields = self.layout.thought
        chosen = fields.choose(row, self.generation) if fields else None
        split = chosen or SplitThought("", "", closed=False)
        return Thought(self._problem(index, row, split), split.thought)

    def _problem(self, index: int, row: Row, thought: SplitThought | None) -> Problem:
        """Text after the thought is the solution if the dataset has no other."""
        layout = self.layout
        chat = read_conversation(messages) if is_chat(messages := self._chat(row)) else None
        asked = (_text(layout.question, row).strip(), _text(layout.context, row).strip())
        question = "\n\n".join(filter(None, asked)) or (chat.question if chat else "")
        said = thought.answer if thought else ""
        solution = _text(layout.solution, row)
        if layout.solution is None:
            solution = said or _text(layout.response, row)
        elif thought and thought.closed and layout.thought_is_in(layout.solution):
            solution = said
        answer = _text(layout.answer, row) if layout.answer else answer_of(solution)
        if _is_solution(answer) and (found := answer_of(answer)):
            solution, answer = solution or answer, found
        return Problem(
            id=self.ids[index],
            index=index,
            question=question.strip(),
            answer=answer.strip(),
            solution=solution,
            level=_text(layout.level, row),
            subject=_text(layout.subject, row),
        )

    def _chat(self, row: Row) -> Value:
        return messages_in(self.layout.chat.value(row)) if self.layout.chat else None


def _text(field: ColumnPath | None, row: Row) -> str:
    return field.text(row) if field else ""


def _is_solution(answer: str) -> bool:
    """Whether an answer includes its derivation, and so must be searched for the answer."""
    answer = answer.strip()
    return HASHES in answer or has_box(answer) or "\n" in answer or len(answer) > SHORT


def answer_of(solution: str) -> str:
    """The answer in a solution, "" if none is found.

    In its last box, in words such as "the answer is", or as its only text; after `####` first.
    """
    readers = (stated_answer, marked_answer)
    found = (read(solution) for read in (readers[::-1] if HASHES in solution else readers))
    stated = next(filter(None, found), None)
    alone = solution.strip()
    return stated or (alone if len(alone) <= SHORT and "\n" not in alone else "")


def report(
    source: DataSource, layout: ColumnLayout, rows: Sequence[Problem] | Sequence[Thought]
) -> None:
    """Log in one line how the columns are used, and how many rows lack a part.

    Raises InputError if no row has a thought.
    """
    lacking = dict.fromkeys(("thought", "question", "reference answer"), 0)
    for row in rows:
        problem = row.problem if isinstance(row, Thought) else row
        lacking["thought"] += isinstance(row, Thought) and not row.text.strip()
        lacking["question"] += not problem.question
        lacking["reference answer"] += not problem.answer
    taken = "; ".join(f"{role} = {where}" for role, where in _taken(layout, source).items())
    without = ", ".join(f"{count} without {part}" for part, count in lacking.items() if count)
    level = logging.WARNING if without else logging.INFO
    log.log(level, "%s: %s. %d rows, %s.", source.hub_path, taken, len(rows), without or "complete")
    if layout.options is not None:
        log.warning(
            "%s: its column %s contains options, which the model does not see unless the question "
            "names them.",
            source.hub_path,
            layout.options,
        )
    if layout.thought and lacking["thought"] == len(rows):
        raise InputError(
            f"None of the {len(rows)} rows of {source.hub_path} has a thought in "
            f"{', '.join(map(str, layout.thought.fields))}: name another column with "
            "--thought_column, or choose another --generation."
        )


def _taken(layout: ColumnLayout, source: DataSource) -> dict[str, str]:
    """The source of each part, in words."""
    chat = f"{layout.chat} (the user)"
    taken = {"question": str(layout.question or chat)}
    if layout.context is not None:
        taken["question"] += f" and {layout.context}"
    if layout.thought is not None:
        taken["thought"] = ", ".join(map(str, layout.thought.fields))
        marks = ", ".join(map(str, (*layout.thought.correct, *layout.thought.complete)))
        if marks or len(layout.thought.fields) > 1:
            taken["thought"] += f" ({' by '.join(filter(None, (source.generation, marks)))})"
    solution = str(layout.solution or "")
    if layout.solution is None and layout.thought is not None:
        solution = "the text after the thought"
        if layout.response is not None:
            solution += f", else {layout.response}"
    if solution:
        taken["solution"] = solution
    taken["answer"] = str(layout.answer or f"the last box of the solution ({solution})")
    taken["id"] = str(layout.id or "the number of the row")
    for role, field in (("level", layout.level), ("subject", layout.subject)):
        if field is not None:
            taken[role] = str(field)
    return taken
