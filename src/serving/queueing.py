"""Places for problems: so many are solved at once, so many requests wait, the rest is refused."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .api_errors import ApiError

LONGEST_WAIT = 60
"""Seconds that Retry-After asks for at most."""


class Places:
    """First come, first served."""

    def __init__(self, most: int, longest_queue: int) -> None:
        self.most, self.longest_queue = most, longest_queue
        self.taken = 0
        self.closed = False
        """No new request is taken; those that wait are."""
        self._waiting = deque[tuple[int, asyncio.Future[None]]]()
        self._seconds, self._finished = 0.0, 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    async def until_idle(self) -> None:
        """Wait until no request is solved or waits."""
        await self._idle.wait()

    def require_open(self) -> None:
        """Raise ApiError where no new request is taken."""
        if self.closed:
            raise ApiError(
                503,
                "The server is shutting down. Send the request to another one, or later.",
                "server_error",
                code="shutting_down",
                headers={"Retry-After": "10", "Connection": "close"},
            )

    @asynccontextmanager
    async def place(self, count: int) -> AsyncIterator[None]:
        """A block with places for `count` problems, no more than there are in all.

        Raises ApiError where too many wait.
        """
        await self._take(count)
        begun = time.monotonic()
        try:
            yield
        finally:
            self._seconds += time.monotonic() - begun
            self._finished += 1
            self._free(count)

    async def _take(self, count: int) -> None:
        if not self._waiting and self.taken + count <= self.most:
            self.taken += count
            self._idle.clear()
            return
        if self.waiting >= self.longest_queue:
            raise self._full()
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((count, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # its turn came at the same moment
                self._free(count)
            else:
                self._waiting.remove((count, turn))
                self._call_next()
            raise

    def _free(self, count: int) -> None:
        self.taken -= count
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting and self.taken + self._waiting[0][0] <= self.most:
            count, turn = self._waiting.popleft()
            self.taken += count
            turn.set_result(None)
        if not self.taken and not self._waiting:
            self._idle.set()

    def _full(self) -> ApiError:
        return ApiError(
            429,
            "The server has as many requests as it takes. Send this one again later.",
            "rate_limit_error",
            code="queue_full",
            headers={"Retry-After": str(self._retry_after())},
        )

    def _retry_after(self) -> int:
        """Seconds until a place is free: what a request takes, divided by the places."""
        each = self._seconds / self._finished if self._finished else 1.0
        return min(LONGEST_WAIT, max(1, math.ceil(each / self.most)))
