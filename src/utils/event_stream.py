"""Reads the server-sent events of a completion from the bytes of its response.

The openai client would make an object of each event, field by field, which takes longer than all
else that is done with a token.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import httpx2

from .half_characters import valid_unicode

LONGEST_EVENT = 1 << 24
"""Bytes; a server that sends more without an end of line sends no events."""
DONE = b"[DONE]"
FIELD = b"data:"

END = 0.05
"""Seconds from the last event to the end of a response; a server that takes longer is not waited
for."""


class EventError(Exception):
    """The stream holds something that is no event of a completion, or the server's own error."""


async def json_events(pieces: AsyncIterable[bytes]) -> AsyncIterator[Any]:
    """What stands in each event, up to the one that says that all is done.

    Each event of these servers is one line of data. Raises EventError.
    """
    rest = b""
    async for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if not line.startswith(FIELD):
                continue
            data = line[len(FIELD) :].strip()
            if data == DONE:
                return
            yield _read(data)
        if len(rest) > LONGEST_EVENT:
            raise EventError(f"an event of over {LONGEST_EVENT} bytes")
    # A stream that is cut in the middle of a line ends before its answer did.


class Endings:
    """Reads what follows the last event of responses, while their callers go on.

    A response that was read to its end leaves its connection to the next call; one that is closed
    before does not. Close it before the client.
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
        """Waits for the ends that are still to come, no longer than END."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _read(data: bytes) -> Any:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EventError(f"an event that is no JSON: {error}") from error
    if isinstance(event, dict) and event.get("error"):
        said = event["error"]
        message = said.get("message", said) if isinstance(said, dict) else said
        raise EventError(valid_unicode(str(message)[:300]))
    return event
