"""The retry layer of many workers that ask one server: they wait together and slow down together.

After a refusal for rate (429) nobody asks until the server's Retry-After is over, and only half as
many requests are let out at a time; each full round of successes lets one more out again. Other
failures that may pass (5xx, a cut connection) delay their own request alone. `PAID` bounds all.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from ..errors import BusyError, ServerError, TransientError
from .retry import PAID

Answer = TypeVar("Answer")

MAX_FAILED_IN_A_ROW = 20
"""So many requests that all failed for good, one after another, end the run."""


class Backoff:
    """Lets requests out, at most `limit` at a time; one for all workers of a run.

    `retried` counts what was sent again, by the kind of failure. `clock` and `sleep` belong
    together: tests give their own.
    """

    def __init__(
        self,
        limit: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.limit = self._most = limit
        self.retried = Counter[str]()
        self._clock, self._sleep = clock, sleep
        self._in_flight = self._successes = self._refusals = self._slowdowns = self._failed = 0
        self._open_at = clock()
        self._changed = asyncio.Condition()

    async def call(self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `send` returns; called again after a TransientError, a bounded number of times.

        Raises the last TransientError, ServerError where the server wants a pause that is too
        long or answers nothing any more, and whatever else `send` raises.
        """
        failures = list[TransientError]()
        while True:
            async with self._slot():
                slowdowns = self._slowdowns
                try:
                    answer = await send()
                except TransientError as error:
                    failure = error
                else:
                    self._grow()
                    return answer
            failures.append(failure)
            if not PAID.allows(failures):
                raise self._given_up(failure)
            wait = self._delay(failure, len(failures))
            self.retried[failure.kind] += 1
            if isinstance(failure, BusyError):
                self._slow_down(wait, slowdowns)
            else:
                await self._sleep(wait)

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """A place among the requests in flight, once no pause is on."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._in_flight < self.limit)
            self._in_flight += 1
        try:
            while (left := self._open_at - self._clock()) > 0:
                await self._sleep(left)
            yield
        finally:
            async with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def _grow(self) -> None:
        """Let one more request out after as many successes in a row as are let out now."""
        self._refusals = self._failed = 0
        self._successes += 1
        if self._successes >= self.limit:
            self._successes = 0
            self.limit = min(self.limit + 1, self._most)

    def _slow_down(self, wait: float, slowdowns: int) -> None:
        """Pause everybody; halve the limit unless that was done since this request was sent.

        Requests that were let out together are refused together: they count as one refusal.
        """
        self._open_at = max(self._open_at, self._clock() + wait)
        if slowdowns == self._slowdowns:
            self._successes = 0
            self._slowdowns += 1
            self._refusals += 1
            self.limit = max(1, self.limit // 2)

    def _given_up(self, failure: TransientError) -> TransientError | ServerError:
        self._failed += 1
        if self._failed < MAX_FAILED_IN_A_ROW:
            return failure
        return ServerError(
            f"{self._failed} requests in a row failed for good: give the same command again when "
            f"the server is well. The last time it was this: {failure}"
        )

    def _delay(self, failure: TransientError, failures: int) -> float:
        """Seconds to wait: no less than the server asks for.

        A server that asks for 0 s again and again would else use up all tries at once.
        """
        wanted = failure.retry_after or 0.0
        if wanted > PAID.longest_named:
            raise ServerError(
                f"The server asks to wait {wanted:.0f} s before the next request: give the same "
                f"command again then. It says: {failure}"
            )
        in_a_row = self._refusals + 1 if isinstance(failure, BusyError) else failures
        return max(PAID.delay(in_a_row), PAID.named(wanted))
