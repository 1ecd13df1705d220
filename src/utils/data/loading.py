"""Loading of problems and thoughts, from the hub or from local files, by the columns they have."""

from __future__ import annotations

from ..records import Problem, Thought
from .layout import find_layout
from .reader import Reader, report
from .source import DataSource, parse_range, problem_id, safe_name, unique_ids
from .table import LazyRows
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


def load_problems(source: DataSource) -> LazyRows[Problem]:
    """The problems of a dataset; ids are made unique, since they name files.

    A row is read when it is asked for.

    Says which column was taken for what, and how many rows lack a part.
    """
    table = load_rows(source, preferred="test")
    layout = find_layout(table, source, thoughts=False)
    reader = Reader.of(table, layout, source)
    rows = parse_range(source.rows, len(table))
    problems = LazyRows(table.select_columns(layout.columns), rows, reader.problem)
    report(source, layout, problems)
    return problems


def load_thoughts(source: DataSource) -> LazyRows[Thought]:
    """The raw thoughts of a dataset, with their problems. A row is read when it is asked for.

    Thoughts are without the tags of thought and the answer behind them. Says which column was taken
    for what, and how many rows lack a part. Raises InputError where no row has a thought.
    """
    table = load_rows(source, preferred="train")
    layout = find_layout(table, source, thoughts=True)
    reader = Reader.of(table, layout, source)
    rows = parse_range(source.rows, len(table))
    thoughts = LazyRows(table.select_columns(layout.columns), rows, reader.thought, reader.ids)
    report(source, layout, thoughts)
    return thoughts
