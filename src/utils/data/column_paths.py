"""Names a column, or a path into its lists and objects, ignoring case."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .cells import Row, Value, structure


@dataclass(frozen=True)
class ColumnPath:
    """A column, and the keys and numbers that lead from its cell to a value inside."""

    column: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.column, *self.path))

    def value(self, row: Row) -> Value:
        """The value in a row; None if it has no such path."""
        return follow(row.get(self.column), self.path)

    def text(self, row: Row) -> str:
        """The text in a row; "" if it is missing, or is a list or an object."""
        value = self.value(row)
        return value if isinstance(value, str) else ""


def loose(name: str) -> str:
    """A name without case, spaces, `_` and `-`, for comparison."""
    return re.sub(r"[\W_]+", "", name).casefold()


def find_name(names: Iterable[str], wanted: str) -> str | None:
    """The name equal to `wanted`, else the first that differs only in writing."""
    names = list(names)
    if wanted in names:
        return wanted
    plain = loose(wanted)
    return next((name for name in names if plain and loose(name) == plain), None)


def find_field(columns: Sequence[str], wanted: str) -> ColumnPath | None:
    """`messages.1.content`: the longest prefix that names a column, and the path after it.

    This also finds a column whose name contains dots.
    """
    parts = wanted.split(".")
    for count in range(len(parts), 0, -1):
        column = find_name(columns, ".".join(parts[:count]))
        if column is not None:
            return ColumnPath(column, tuple(parts[count:]))
    return None


def follow(value: Value, path: Sequence[str]) -> Value:
    """The value at the end of a path; numbers count from 0, negative ones from the end."""
    if not path:
        return value
    match structure(value):
        case list() as parts if re.fullmatch(r"-?\d{1,9}", path[0]):
            place = int(path[0])
            within = -len(parts) <= place < len(parts)
            return follow(parts[place], path[1:]) if within else None
        case dict() as parts:
            field = find_field(list(parts), ".".join(path))
            return follow(parts[field.column], field.path) if field else None
    return None
