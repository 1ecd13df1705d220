"""The rows of a dataset: memory-mapped, each converted on demand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .cells import Row, Value, array_values, decode, encode

AT_ONCE = 200
"""Cells of a column to read at once."""


@dataclass(frozen=True)
class Table:
    """`rows` is a `datasets.Dataset`. `encoded`: its cells are in the form of the cache.

    `name` is the user's name for the dataset, for messages. Picklable: by its files.
    """

    name: str
    rows: Any
    encoded: bool = False

    @classmethod
    def of(cls, name: str, dataset: Any) -> Table:
        """The rows of a dataset that `datasets` has loaded, with its types."""
        return cls(name, dataset.with_format("arrow"))

    @property
    def column_names(self) -> list[str]:
        return list(self.rows.column_names)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        if self.encoded:
            return {name: decode(cell) for name, cell in self.rows[index].items()}
        found = self.rows[index]
        return {name: self._values(name, found.column(name))[0] for name in found.column_names}

    def __iter__(self) -> Iterator[Row]:
        return (self[index] for index in range(len(self)))

    def texts(self, index: int) -> dict[str, str]:
        """A row with all columns as text; "" for a missing one, lists as JSON."""
        return {
            name: value if isinstance(value, str) else encode(value) if value else ""
            for name, value in self[index].items()
        }

    def is_text(self, name: str) -> bool:
        """Whether a column holds text: by its type, or without types by its first cell."""
        if self.encoded:
            return bool(len(self)) and isinstance(self[0].get(name), str)
        feature = self.rows.features.get(name)
        return getattr(feature, "dtype", "") in ("string", "large_string")

    def select_columns(self, columns: Sequence[str]) -> Table:
        """The table with only these columns, so that a row costs no more than they do."""
        return replace(self, rows=self.rows.select_columns(list(columns)))

    def column(self, name: str) -> Iterator[Value]:
        """The cells of a column, in the order of the rows."""
        for batch in self.rows.select_columns([name]).iter(AT_ONCE):
            if self.encoded:
                yield from map(decode, batch[name])
            else:
                yield from self._values(name, batch.column(name))

    def _values(self, name: str, array: Any) -> list[Value]:
        return array_values(array, self.rows.features.get(name))
