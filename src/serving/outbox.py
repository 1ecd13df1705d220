"""What is on its way to a client: as it comes, and no more than a client that reads leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Literal, NamedTuple

from .rendering import Delta, Field

LARGEST = 1 << 22
"""Characters that wait for a client; of one that reads so slowly the request ends."""
EVENT: Literal["event"] = "event"
Kind = Field | Literal["event"]
OF_AN_ITEM = 256
"""Characters that each item counts beside its own."""


class Item(NamedTuple):
    """What is sent in one chunk: text of a choice, or an event of it."""

    choice: int
    delta: Delta | None
    event: str = ""


class Outbox:
    """Deltas of the same field that wait are put together: a slow client gets fewer chunks."""

    def __init__(self, overflowed: Callable[[], object]) -> None:
        """`overflowed` is called once, when too much waits."""
        self._overflowed = overflowed
        self._items = list[tuple[int, Kind, list[str]]]()
        self._size = 0
        self._over = self._closed = False
        self._changed = asyncio.Event()

    def put(self, choice: int, delta: Delta) -> None:
        self._add(choice, delta.field, delta.text)

    def put_event(self, choice: int, event: str) -> None:
        self._add(choice, EVENT, event)

    def close(self) -> None:
        """Nothing more comes."""
        self._closed = True
        self._changed.set()

    async def batches(self) -> AsyncIterator[list[Item]]:
        """All that waits, again and again, until it is closed and empty."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            items, self._items, self._size = self._items, [], 0
            if items:
                yield [_item(*item) for item in items]
            elif self._closed:
                return
            if self._closed:
                self._changed.set()

    def _add(self, choice: int, field: Kind, text: str) -> None:
        if self._over:
            return
        last = self._items[-1] if self._items else None
        if last is not None and field != EVENT and last[:2] == (choice, field):
            last[2].append(text)
        else:
            self._items.append((choice, field, [text]))
            self._size += OF_AN_ITEM
        self._size += len(text)
        if self._size > LARGEST:
            self._over, self._items = True, []
            self._overflowed()
        self._changed.set()


def _item(choice: int, field: Kind, texts: list[str]) -> Item:
    text = "".join(texts)
    if field == EVENT:
        return Item(choice, None, text)
    return Item(choice, Delta(field, text))
