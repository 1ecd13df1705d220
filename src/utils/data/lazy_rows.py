"""The rows of a dataset as a sequence that reads each row on demand."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

from .cells import Row

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
