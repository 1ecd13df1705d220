"""A bounded buffer of the text that waits to be sent to a client."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from typing import Literal, NamedTuple

from ..utils.errors import SprintError
from ..utils.methods.events import Event
from .rendering import Delta, MessageField

LARGEST = 1 << 22
"""Maximum characters in the buffer. If a client reads too slowly, its request ends."""
EVENT: Literal["event"] = "event"
OutboxField = MessageField | Literal["event"]
OF_AN_ITEM = 256
"""Characters that each item counts in addition to its text."""
_CAPITAL = re.compile(r"(?<!^)([A-Z])")


class Item(NamedTuple):
    """The content of one chunk: text or an event of one choice."""

    choice: int
    delta: Delta | None
    event: str = ""


class Outbox:
    """Joins waiting deltas of the same field, so that a slow client gets fewer chunks."""

    def __init__(self, overflowed: Callable[[], object]) -> None:
        """`overflowed` is called once, when the buffer is full."""
        self._overflowed = overflowed
        self._items = list[tuple[int, OutboxField, list[str]]]()
        self._size = 0
        self._over = self._closed = False
        self._changed = asyncio.Event()

    def put(self, choice: int, delta: Delta) -> None:
        self._add(choice, delta.field, delta.text)

    def put_event(self, choice: int, event: Event) -> None:
        self._add(choice, EVENT, event_json(event))

    def close(self) -> None:
        """Add nothing more."""
        self._closed = True
        self._changed.set()

    async def batches(self) -> AsyncIterator[list[Item]]:
        """All waiting items, repeatedly, until the outbox is closed and empty."""
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

    def _add(self, choice: int, field: OutboxField, text: str) -> None:
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


def _item(choice: int, field: OutboxField, texts: list[str]) -> Item:
    text = "".join(texts)
    if field == EVENT:
        return Item(choice, None, text)
    return Item(choice, Delta(field, text))


def event_json(event: Event) -> str:
    """An event as JSON, named after its class (PlanText: plan_text), without its error."""
    content = {
        one.name: value
        for one in fields(event)
        if not isinstance(value := getattr(event, one.name), SprintError)
    }
    content["seconds"] = round(event.seconds, 4)
    name = _CAPITAL.sub(r"_\1", type(event).__name__).lower()
    return json.dumps({"event": name, **content})
