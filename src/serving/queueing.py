"""Limits how many problems run and how many requests wait; rejects the rest."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from .api_errors import ApiError, shutting_down

LONGEST_WAIT = 60
"""Maximum seconds of Retry-After."""


class Places:
    """Places for problems: first come, first served."""

    def __init__(self, most: int, longest_queue: int) -> None:
        self.most, self.longest_queue = most, longest_queue
        self.taken = 0
        self.closed = False
        """Reject new requests; those in the queue still run."""
        self._waiting = deque[tuple[int, asyncio.Future[None]]]()
        self._seconds, self._finished = 0.0, 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.aborted = False
        """Requests in flight do not finish either."""
        self._tasks = set[asyncio.Task[object]]()

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def abort(self) -> None:
        """Cancel all requests, running or waiting."""
        self.aborted = True
        for task in self._tasks:
            task.cancel()

    async def until_idle(self) -> None:
        """Wait until no request is running or waiting."""
        await self._idle.wait()

    def require_open(self) -> None:
        """Raise ApiError if the server is shutting down."""
        if self.closed:
            raise shutting_down()

    def require_room(self) -> None:
        """Raise ApiError if a request would be rejected, before its body is read."""
        self.require_open()
        if self.taken >= self.most and self.waiting >= self.longest_queue:
            raise self._full()

    @asynccontextmanager
    async def place(self, count: int) -> AsyncIterator[None]:
        """Hold places for `count` problems, at most `most`.

        Raises ApiError if the queue is full.
        """
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._take(count)
            begun = time.monotonic()
            try:
                yield
            finally:
                self._seconds += time.monotonic() - begun
                self._finished += 1
                self._free(count)
        finally:
            self._tasks.discard(task)

    async def _take(self, count: int) -> None:
        self.require_open()  # the server may have begun to shut down while the body was read
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
                with suppress(ValueError):  # _call_next has dropped it
                    self._waiting.remove((count, turn))
                self._call_next()
            raise

    def _free(self, count: int) -> None:
        self.taken -= count
        self._call_next()

    def _call_next(self) -> None:
        while self._waiting and self.taken + self._waiting[0][0] <= self.most:
            count, turn = self._waiting.popleft()
            if not turn.cancelled():  # its client may leave at the same moment
                self.taken += count
                turn.set_result(None)
        if not self.taken and not self._waiting:
            self._idle.set()

    def _full(self) -> ApiError:
        return ApiError(
            429,
            "The server's queue is full. Try again later.",
            "rate_limit_error",
            code="queue_full",
            headers={"Retry-After": str(self._retry_after()), "Connection": "close"},
        )

    def _retry_after(self) -> int:
        """Seconds until a place is free: the mean time of a request divided by the places."""
        each = self._seconds / self._finished if self._finished else 1.0
        return min(LONGEST_WAIT, max(1, math.ceil(each / self.most)))
