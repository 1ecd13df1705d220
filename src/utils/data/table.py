"""The rows of a dataset: memory-mapped, each converted on demand."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, overload

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
        """Whether a column contains text: by its type, or without types by its first cell."""
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


Item = TypeVar("Item", covariant=True)

REMAP_EVERY = 200
"""Rows to read before the memory map is recreated."""


class LazyRows(Sequence[Item], Generic[Item]):
    """The rows `indices` of a `Table`, each made into an item by `read(index, row)`.

    `ids` name all rows of the dataset, if their identity matters.
    """

    def __init__(
        self,
        table: Any,
        indices: Sequence[int],
        read: Callable[[int, Row], Item],
        ids: Sequence[str] = (),
    ) -> None:
        self.indices, self.ids = indices, ids
        self._table, self._read = table, read
        self._reads = 0

    def __len__(self) -> int:
        return len(self.indices)

    @overload
    def __getitem__(self, place: int) -> Item: ...
    @overload
    def __getitem__(self, place: slice) -> LazyRows[Item]: ...
    def __getitem__(self, place: int | slice) -> Item | LazyRows[Item]:
        if isinstance(place, slice):
            return self._some(self.indices[place])
        index = self.indices[place]
        self._reads += 1
        if self._reads % REMAP_EVERY == 0:
            # Read pages count as memory of this process until the map is dropped. Pickling a
            # dataset writes its file names, unpickling maps the files again.
            self._table = pickle.loads(pickle.dumps(self._table))
        return self._read(index, self._table[index])

    def where(self, keep: Callable[[Item], bool]) -> LazyRows[Item]:
        """The rows whose items `keep` accepts; reads all of them, one after another."""
        kept = [index for index, item in zip(self.indices, self, strict=True) if keep(item)]
        return self._some(kept)

    def where_index(self, keep: Callable[[int], bool]) -> LazyRows[Item]:
        """The rows whose indices `keep` accepts."""
        return self._some(list(filter(keep, self.indices)))

    def hash_of_ids(self) -> str:
        """Identifies these rows and their order."""
        named = json.dumps([self.ids[index] for index in self.indices])
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    def _some(self, indices: Sequence[int]) -> LazyRows[Item]:
        return LazyRows(self._table, indices, self._read, self.ids)
