"""Loads problems and thoughts, from the hub or from local files, by their columns."""

from __future__ import annotations

from ..records import Problem, Thought
from .layout import find_layout
from .lazy_rows import LazyRows
from .reader import Reader, report
from .source import DataSource, parse_range, problem_id, safe_name, unique_ids
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
    """The problems of a dataset; ids are made unique, because they name files.

    Rows are read on demand.

    Logs how the columns are used, and how many rows lack a part.
    """
    table = load_rows(source, preferred="test")
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
