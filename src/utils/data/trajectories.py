"""Loads finished trajectories, as texts with their problems, from any dataset."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, replace

from ..errors import InputError
from ..records import Problem, Thought
from .cells import Row
from .columns import ColumnLayout, find_trajectory_layout
from .loading import Reader, load_rows, parse_range
from .source import DataSource
from .table import LazyRows

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrajectoryText:
    """The text of a finished trajectory, as the dataset has it.

    `thought` holds the problem, whose question is that of a column ("": none), and the original
    thought ("": unknown). `repeated`: an earlier row has the same words and reference answer.
    """

    thought: Thought
    text: str
    repeated: bool = False

    @property
    def problem(self) -> Problem:
        return self.thought.problem


@dataclass(frozen=True)
class _TrajectoryReader:
    reader: Reader
    repeated: frozenset[int] = frozenset()

    def __call__(self, index: int, row: Row) -> TrajectoryText:
        field = self.reader.layout.trajectory
        text = field.text(row) if field else ""
        return TrajectoryText(self.reader.thought(index, row), text, index in self.repeated)


def load_trajectories(source: DataSource) -> LazyRows[TrajectoryText]:
    """The texts in `source.trajectory_column`. Rows are read on demand.

    Logs how the columns are used, and how many rows lack a part. InputError if no row has a text in
    that column.
    """
    table = load_rows(source, preferred="train")
    layout = find_trajectory_layout(table, source)
    read = _TrajectoryReader(Reader.of(table, layout, source))
    rows, columns = parse_range(source.rows, len(table)), table.select_columns(layout.columns)
    texts = LazyRows(columns, rows, read, read.reader.ids)
    read = replace(read, repeated=_survey(source, layout, texts))
    return LazyRows(columns, rows, read, read.reader.ids)


def _survey(
    source: DataSource, layout: ColumnLayout, texts: LazyRows[TrajectoryText]
) -> frozenset[int]:
    """Log what the rows have; returns which of them repeat an earlier one."""
    seen, repeated = set[bytes](), set[int]()
    lacking = dict.fromkeys(("trajectory", "reference answer"), 0)
    for row in texts:
        lacking["trajectory"] += not row.text.strip()
        lacking["reference answer"] += not row.problem.answer
        said = (row.problem.question, row.text, row.problem.answer)
        key = hashlib.sha256("\0".join(" ".join(it.split()) for it in said).encode()).digest()
        if key in seen and row.text.strip():
            repeated.add(row.problem.index)
        seen.add(key)
    taken = {"question": "the text before the plan", "answer": "none", "id": "the row's number"}
    columns = (layout.question or layout.chat, layout.answer or layout.solution, layout.id)
    taken |= {
        role: f"{column}" for role, column in zip(taken, columns, strict=True) if column is not None
    }
    without = ", ".join(f"{count} without {part}" for part, count in lacking.items() if count)
    log.log(
        logging.WARNING if without else logging.INFO,
        "%s: trajectory = %s; %s. %d rows, %s.",
        source.hub_path,
        layout.trajectory,
        "; ".join(f"{role} = {where}" for role, where in taken.items()),
        len(texts),
        without or "complete",
    )
    if lacking["trajectory"] == len(texts):
        raise InputError(
            f"None of the {len(texts)} rows of {source.hub_path} has a text in "
            f"{layout.trajectory}: correct --trajectory_column."
        )
    return frozenset(repeated)
