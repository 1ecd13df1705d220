"""The items of a response's output: reasoning, and the message with the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

ItemStatus = Literal["in_progress", "completed", "incomplete"]
ItemFields = dict[str, Any]


class ItemKind(NamedTuple):
    """A kind of item. Its text is one part of it."""

    prefix: str
    """The beginning of its ids."""
    fixed: Mapping[str, Any]
    """Fields that all items of this kind have."""
    holds: str
    """The field of an item that lists its parts."""
    part: Mapping[str, Any]
    """A part without its text."""
    part_event: str
    text_event: str
    numbers: str
    """The field of an event that numbers the parts."""
    text_fields: Mapping[str, Any] = {}
    """Fields that all events with text have."""

    def item(self, item_id: str, status: ItemStatus, text: str | None) -> ItemFields:
        """An item; a text of None means that it has no part yet."""
        parts = [] if text is None else [self.part_of(text)]
        return {"id": item_id, **self.fixed, "status": status, self.holds: parts}

    def part_of(self, text: str) -> ItemFields:
        return {**self.part, "text": text}


MESSAGE = ItemKind(
    "msg",
    {"type": "message", "role": "assistant"},
    "content",
    {"type": "output_text", "annotations": [], "logprobs": []},
    "response.content_part",
    "response.output_text",
    "content_index",
    {"logprobs": []},
)
REASONING = ItemKind(
    "rs",
    {"type": "reasoning", "summary": []},
    "content",
    {"type": "reasoning_text"},
    "response.content_part",
    "response.reasoning_text",
    "content_index",
)
SUMMARY = ItemKind(
    "rs",
    {"type": "reasoning"},
    "summary",
    {"type": "summary_text"},
    "response.reasoning_summary_part",
    "response.reasoning_summary_text",
    "summary_index",
)


class StreamedItem:
    """An item that grows. Its events lack the sequence number."""

    def __init__(self, kind: ItemKind, item_id: str, output_index: int) -> None:
        self.kind, self._id, self._index = kind, item_id, output_index
        self._texts = list[str]()
        self._status: ItemStatus = "in_progress"
        self._place = {"item_id": item_id, "output_index": output_index, kind.numbers: 0}
        name = f"{kind.text_event}.delta"
        head = json.dumps({"type": name, **self._place, **kind.text_fields})
        self._delta = f'event: {name}\ndata: {head[:-1]}, "delta": '

    def opened(self) -> Iterator[ItemFields]:
        item = self.kind.item(self._id, "in_progress", None)
        yield {"type": "response.output_item.added", "output_index": self._index, "item": item}
        part = self.kind.part_of("")
        yield {"type": f"{self.kind.part_event}.added", **self._place, "part": part}

    def grown(self, text: str, number: int) -> bytes:
        """The event of more text, as bytes and with its sequence number."""
        self._texts.append(text)
        # Built as text for speed: this runs for every token.
        return f'{self._delta}{json.dumps(text)}, "sequence_number": {number}}}\n\n'.encode()

    def closed(self, status: ItemStatus) -> Iterator[ItemFields]:
        self._status, text = status, self._text
        name = f"{self.kind.text_event}.done"
        yield {"type": name, **self._place, **self.kind.text_fields, "text": text}
        part = self.kind.part_of(text)
        yield {"type": f"{self.kind.part_event}.done", **self._place, "part": part}
        item = self.kind.item(self._id, status, text)
        yield {"type": "response.output_item.done", "output_index": self._index, "item": item}

    def now(self) -> ItemFields:
        """The item with its text so far; one that is not closed is incomplete."""
        status: ItemStatus = "incomplete" if self._status == "in_progress" else self._status
        return self.kind.item(self._id, status, self._text)

    @property
    def _text(self) -> str:
        return "".join(self._texts)
