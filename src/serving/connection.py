"""A client's connection: its body with a bound, and the end of all work when it goes away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Send

from .api_errors import ApiError

BODY_TIMEOUT = 30.0
"""Seconds in which a body has to come."""
SEND_TIMEOUT = 60.0
"""Seconds that a client may read nothing before it counts as gone."""


async def read_body(request: Request, longest: int) -> bytes:
    """The body. Raises ApiError where it is too long, too late or no JSON by its type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a page of another origin cannot send that unasked
        raise ApiError(415, "Send the body as application/json (the header Content-Type).")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and len(announced) < 20 and int(announced) > longest:
        raise _too_large(longest)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for piece in request.stream():
                body += piece
                if len(body) > longest:
                    raise _too_large(longest)
    except TimeoutError as error:
        raise ApiError(408, f"The body did not come within {BODY_TIMEOUT:g} s.") from error
    except ClientDisconnect as error:
        raise ApiError(400, "The body ended too early.") from error
    return bytes(body)


def _too_large(longest: int) -> ApiError:
    said = f"The body has over {longest} bytes: send a shorter conversation."
    return ApiError(413, said, code="body_too_large", headers={"Connection": "close"})


async def while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Await `work`, which is cancelled at once when the client goes away: False. Raises what it
    raises."""
    task, gone = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
        # To the end, so that no call outlives its request.
        await asyncio.wait({task, gone})
    if task.cancelled():
        return False
    task.result()
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_in_time(send: Send, message: Message) -> None:
    """Send, and cancel the task that does where the client does not read at all."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await send(message)
    except TimeoutError as error:
        raise asyncio.CancelledError("the client does not read") from error
