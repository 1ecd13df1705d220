"""A client's connection: reads its body within limits and cancels its work on disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Send

from .api_errors import ApiError

BODY_TIMEOUT = 30.0
"""Seconds before reading a body fails."""
SEND_TIMEOUT = 60.0
"""Seconds without a read before a client counts as disconnected."""


async def read_body(request: Request, longest: int) -> bytes:
    """The body. Raises ApiError if it is too long or too late, or its type is not JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a page of another origin needs permission for it
        raise ApiError(415, "The header Content-Type must be application/json. Set it.")
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
        raise ApiError(408, f"The body did not arrive within {BODY_TIMEOUT:g} s.") from error
    except ClientDisconnect as error:
        raise ApiError(400, "The connection closed before the end of the body.") from error
    return bytes(body)


def _too_large(longest: int) -> ApiError:
    said = f"The body has more than {longest} bytes. Send a shorter conversation."
    return ApiError(413, said, code="body_too_large", headers={"Connection": "close"})


async def while_connected(receive: Receive, work: Coroutine[Any, Any, None]) -> bool:
    """Await `work` and raise its errors. If the client disconnects, cancel it and return False."""
    task, gone = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not task.done():
            task.cancel()
        # Wait for both, so that no call outlives its request.
        await asyncio.wait({task, gone})
    if task.cancelled():
        return False
    task.result()
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_in_time(send: Send, message: Message) -> None:
    """Send a message; cancel the current task if the client reads nothing."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT):
            await send(message)
    except TimeoutError as error:
        raise asyncio.CancelledError("the client does not read") from error
