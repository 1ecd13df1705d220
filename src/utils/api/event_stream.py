"""Parses the server-sent events of a completion from the bytes of its response.

It follows the standard (https://html.spec.whatwg.org/multipage/server-sent-events.html), except for
the last event: see `json_events`. The openai client would build an object from each event, field by
field, which takes longer than everything else that is done with a token.
"""

from __future__ import annotations

import asyncio
import codecs
import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx2

from ..files.unicode import valid_unicode

LONGEST_EVENT = 1 << 18
"""Maximum bytes of a line or an event; a longer one is not an event. If an event may contain the
ids of a prompt or a complete reply, the caller adds room for them."""
LONGEST_OTHER = 1 << 14
"""Maximum bytes of a line that does not begin like a field of an event."""
DONE = b"[DONE]"
DATA, DATA_ALONE = b"data:", b"data"
"""The field of an event's data; without a colon its value is empty."""
OTHER_FIELDS = (b":", b"event", b"id", b"retry")
CR, LF = b"\r", b"\n"
LINE = 64
"""Bytes of memory that a line takes besides its own."""

END = 0.05
"""Seconds from the last event to the end of a response; after that the client stops waiting."""


class EventError(Exception):
    """The stream contains something other than an event of a completion."""


class ErrorEventError(EventError):
    """The stream contains the server's own error; `error` is its raw object."""

    def __init__(self, message: str, error: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.error = error


async def json_events(
    pieces: AsyncIterable[bytes], longest: int = LONGEST_EVENT
) -> AsyncIterator[Any]:
    """The JSON in the data of each event, up to the event that marks the end.

    If the stream ends before the empty line of its last event, the event is parsed if its JSON is
    complete, since some servers end this way, and dropped otherwise. The finish reason, not the
    end of the stream, shows whether the answer has ended. Raises EventError.
    """
    reader, is_event = EventReader(longest), False
    async for piece in pieces:
        for data in reader.read(piece):
            if data.strip() == DONE:
                return
            if data.strip():
                is_event = True
                yield _read(data)
    data = reader.rest()
    with suppress(ValueError, RecursionError):
        if isinstance(json.loads(data), dict):
            is_event = True
            yield _read(data)
    if not is_event and reader.other:
        raise EventError(f"no event of a stream, but {shown(reader.other)}")


def shown(line: bytes) -> str:
    return repr(valid_unicode(line[:200].decode(errors="replace")))


class EventReader:
    """The data of events, from bytes that may be split anywhere.

    LF, CR or both end a line, and no other character does; an empty line ends an event.
    """

    def __init__(self, longest: int = LONGEST_EVENT) -> None:
        self._longest = longest
        self._line = b""
        """The unfinished line."""
        self._data = list[bytes]()
        """The data of the unfinished event, line by line."""
        self._size = 0
        self._after_cr = False
        self._is_first_line = True
        self.other = b""
        """The first line that is not a field of an event, as in an answer without streaming."""

    def read(self, piece: bytes) -> list[bytes]:
        """The data of each event that ends in the next piece. Raises EventError."""
        if self._after_cr and piece:
            piece = piece.removeprefix(LF)
            self._after_cr = False
        if CR in piece:
            self._after_cr = piece.endswith(CR)
            piece = piece.replace(CR + LF, LF).replace(CR, LF)
        *lines, self._line = (self._line + piece).split(LF)
        if lines and self._is_first_line:
            lines[0] = lines[0].removeprefix(codecs.BOM_UTF8)
            self._is_first_line = False
        events = list[bytes]()
        for line in lines:
            if line:
                self._take(line)
            elif self._data:
                events.append(self._event())
        if self._size + len(self._line) > self._longest:
            raise EventError(f"an event of over {self._longest} bytes")
        if len(self._line) > LONGEST_OTHER and not self._line.startswith((DATA, *OTHER_FIELDS)):
            raise EventError(f"no event of a stream, but {shown(self._line)}")
        return events

    def rest(self) -> bytes:
        """The data of an event whose empty line has not arrived."""
        self._take(self._line)
        return self._event()

    def _take(self, line: bytes) -> None:
        """A line that is not empty: data, or a comment or another field, which is ignored."""
        if line.startswith(DATA):
            self._data.append(line[len(DATA) :].removeprefix(b" "))
            self._size += len(line) + LINE
        elif line == DATA_ALONE:
            self._data.append(b"")
            self._size += LINE
        elif not self.other and not line.startswith(OTHER_FIELDS):
            self.other = line

    def _event(self) -> bytes:
        data, self._data, self._size = self._data, [], 0
        return data[0] if len(data) == 1 else LF.join(data)


class Endings:
    """Reads what follows the last event of responses while their callers continue.

    A response read to its end leaves its connection to the next call; one closed before does not.
    Close it before the client.
    """

    def __init__(self) -> None:
        self._tasks = set[asyncio.Task[None]]()

    def read(self, pieces: AsyncIterable[bytes], response: AsyncExitStack) -> None:
        """Takes over the response, which `response` closes."""
        task = asyncio.create_task(self._read(pieces, response))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, pieces: AsyncIterable[bytes], response: AsyncExitStack) -> None:
        with suppress(TimeoutError, httpx2.HTTPError):
            async with response, asyncio.timeout(END):
                async for _ in pieces:
                    pass

    async def close(self) -> None:
        """Waits for pending ends, no longer than END."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _read(data: bytes) -> Any:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EventError(f"an event that is not valid JSON: {error}") from error
    if isinstance(event, dict) and (said := _error_of(event)):
        raise ErrorEventError(
            valid_unicode(str(said.get("message") or said.get("detail") or said)[:300]), said
        )
    return event


def _error_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error in an event; empty if there is none.

    It is under `error` or, from vLLM before 0.10 and some routers, in the event itself.
    """
    if error := event.get("error"):
        return error if isinstance(error, dict) else {"message": str(error)}
    if "choices" not in event and (
        event.get("object") == "error" or {"message", "detail"} & {*event}
    ):
        return event
    return {}
