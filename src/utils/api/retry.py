"""Asking again: what may pass, how often it is asked for, and how long to wait before that.

A failed call is made again as it was. Replies of no use are counted apart (see Attempts).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from ..errors import (
    BusyError,
    CutError,
    FailedError,
    ServerError,
    SilentError,
    TransientError,
    UnreachableError,
)
from .completion import UnfinishedError

Answer = TypeVar("Answer")

_WAITS = ContextVar("_WAITS", default=True)


@dataclass(frozen=True)
class RetryPolicy:
    """Errors of the types `passes` may pass: a request is made `tries` times in all.

    It is made less often where so many failures are of a type in `tries_of`. Waits, in seconds,
    double from `first_delay` to `longest_delay`; `jitter` is the share by which chance shortens
    them. A wait that a server asks for counts up to `longest_named`, and may end later by the
    share `most_late`: requests that get the same Retry-After are not all sent again at once.
    """

    passes: tuple[type[Exception], ...]
    tries: int
    tries_of: Mapping[type[Exception], int] = field(default_factory=dict)
    first_delay: float = 0.0
    longest_delay: float = 60.0
    jitter: float = 0.5
    longest_named: float = 0.0
    most_late: float = 0.0

    def allows(self, failures: Sequence[Exception]) -> bool:
        """Whether a request that failed in these ways, one after another, may be made again."""
        for kind, most in ((Exception, self.tries), *self.tries_of.items()):
            if sum(isinstance(failure, kind) for failure in failures) >= most:
                return False
        return all(isinstance(failure, self.passes) for failure in failures)

    def delay(self, failures: int) -> float:
        """Seconds to wait after so many failures."""
        longest = min(self.longest_delay, self.first_delay * 2.0 ** min(failures - 1, 10))
        return _WAITS.get() * longest * random.uniform(1.0 - self.jitter, 1.0)

    def named(self, seconds: float) -> float:
        """Seconds to wait where a server asks for so many."""
        late = 1.0 + self.most_late * random.uniform(0.5, 1.0)
        return _WAITS.get() * min(self.longest_named, seconds) * late

    async def call(self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `send` returns; called again after what may pass. Raises the last failure."""
        failures = list[Exception]()
        while True:
            try:
                return await send()
            except self.passes as failure:
                failures.append(failure)
                if not self.allows(failures):
                    raise
            await asyncio.sleep(self.delay(len(failures)))


CHECK = RetryPolicy((TransientError,), tries=4, first_delay=0.2, jitter=0.0)
"""What a server serves, before a run."""
ROUNDS = RetryPolicy(
    (TransientError, UnreachableError), 5, first_delay=0.5, longest_delay=8.0, longest_named=60.0
)
"""A call goes round all servers before it counts as failed."""
CALLS = RetryPolicy((BusyError, FailedError, CutError), tries=8, tries_of={SilentError: 4})
"""The calls for one reply, each after its rounds. A silent one costs a whole timeout. Replies that
ended as none ends, as by a content filter, are billed, and likely to recur: they are of no use."""
PAID = RetryPolicy(
    (TransientError,),
    tries=32,  # no mixture of those below comes to more
    tries_of={BusyError: 20, FailedError: 6, CutError: 6, UnfinishedError: 3},
    first_delay=0.5,
    longest_named=600.0,
    most_late=0.1,
)
"""A request whose answer is stored. Refusals for rate are no fault of its own, and each but the
first is met with fewer others in flight."""
BATCHED = RetryPolicy((TransientError,), tries=3)
"""A request that expires in a batch or fails there."""
MAX_FAILED_IN_A_ROW = 20
"""So many requests that all failed for good, one after another, end the run."""


class Backoff:
    """Lets requests out as PAID says, at most `limit` at a time; one for all workers of a run.

    After a refusal for rate (429) nobody asks until the server's Retry-After is over, and only half
    as many are let out at a time; each full round of successes lets one more out again. Other
    failures that may pass delay their own request alone.

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
        if (wanted := failure.retry_after or 0.0) > PAID.longest_named:
            raise ServerError(
                f"The server asks to wait {wanted:.0f} s before the next request: give the same "
                f"command again then. It says: {failure}"
            )
        in_a_row = self._refusals + 1 if isinstance(failure, BusyError) else failures
        return max(PAID.delay(in_a_row), PAID.named(wanted))


@contextmanager
def without_waits() -> Iterator[None]:
    """For tests: here requests are made again at once, and as often as ever."""
    token = _WAITS.set(False)
    try:
        yield
    finally:
        _WAITS.reset(token)
