"""Reads the server-sent events of a completion from the bytes of its response.

The openai client would make an object of each event, field by field, which takes longer than all
else that is done with a token.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

LONGEST_EVENT = 1 << 24
"""Bytes; a server that sends more without an end of line sends no events."""
DONE = b"[DONE]"
FIELD = b"data:"


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


def _read(data: bytes) -> Any:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise EventError(f"an event that is no JSON: {error}") from error
    if isinstance(event, dict) and event.get("error"):
        said = event["error"]
        raise EventError(str(said.get("message", said) if isinstance(said, dict) else said)[:300])
    return event
