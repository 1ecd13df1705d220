"""Retries: which errors to retry, how often, and how long to wait before.

A failed call is repeated unchanged. Invalid replies are counted separately (see Attempts).
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

from ..defaults import ATTEMPTS
from ..errors import (
    BusyError,
    CutError,
    FailedError,
    FormatError,
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
    """Retry errors of the types in `passes`: a request is sent `tries` times in all.

    It is sent less often if that many failures are of a type in `tries_of`. Waits, in seconds,
    double from `first_delay` to `longest_delay`; `jitter` is the fraction by which chance shortens
    them. A server's Retry-After counts up to `longest_named`, and may be exceeded by the fraction
    `most_late`, so that requests with the same Retry-After are not all sent again at once.
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
        """Whether to retry a request after these failures, in order."""
        for kind, most in ((Exception, self.tries), *self.tries_of.items()):
            if sum(isinstance(failure, kind) for failure in failures) >= most:
                return False
        return all(isinstance(failure, self.passes) for failure in failures)

    def delay(self, failures: int) -> float:
        """Seconds to wait after this many failures."""
        longest = min(self.longest_delay, self.first_delay * 2.0 ** min(failures - 1, 10))
        return _WAITS.get() * longest * random.uniform(1.0 - self.jitter, 1.0)

    def named(self, seconds: float) -> float:
        """Seconds to wait if a server asks for this many."""
        late = 1.0 + self.most_late * random.uniform(0.5, 1.0)
        return _WAITS.get() * min(self.longest_named, seconds) * late

    async def call(self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """The result of `send`, retried after temporary errors. Raises the last failure."""
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
"""The request for what a server serves, before a run."""
ROUNDS = RetryPolicy(
    (TransientError, UnreachableError), 5, first_delay=0.5, longest_delay=8.0, longest_named=60.0
)
"""A call goes through all servers before it counts as failed."""
CALLS = RetryPolicy((BusyError, FailedError, CutError), tries=8, tries_of={SilentError: 4})
"""The calls for one reply, each after its rounds. A silent one takes the full timeout. Replies with
an abnormal end, such as by a content filter, are billed, likely to recur, and unusable."""
PAID = RetryPolicy(
    (TransientError,),
    tries=32,  # no mixture of the limits below exceeds it
    tries_of={BusyError: 20, FailedError: 6, CutError: 6, UnfinishedError: 3},
    first_delay=0.5,
    longest_named=600.0,
    most_late=0.1,
)
"""A request whose answer is stored. Rate limits are not its own fault, and each after the first is
met with fewer requests in flight."""
INVALID = RetryPolicy((FormatError,), tries=ATTEMPTS)
"""Replies that fail a check, in curation (--max_attempts sets another number) and for the judge."""
BATCHED = RetryPolicy((TransientError,), tries=3)
"""A request that expires or fails in a batch."""
MAX_FAILED_IN_A_ROW = 20
"""This many requests in a row that failed permanently end the run."""


class Backoff:
    """Sends requests by the policy PAID, at most `limit` at a time; shared by all workers of a run.

    After a rate limit (429) no request is sent until the server's Retry-After has passed, and the
    limit is halved; each full round of successes raises it by one. Other temporary failures delay
    only their own request.

    `retried` counts retries by the kind of failure. `clock` and `sleep` belong together: tests
    pass their own.
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
        """The result of `send`, retried after a TransientError a bounded number of times.

        Raises the last TransientError, ServerError if the server asks for too long a pause or no
        longer answers, and anything else that `send` raises.
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
        """A slot among the requests in flight, outside of pauses."""
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
        """Raise the limit by one after that many successes in a row."""
        self._refusals = self._failed = 0
        self._successes += 1
        if self._successes >= self.limit:
            self._successes = 0
            self.limit = min(self.limit + 1, self._most)

    def _slow_down(self, wait: float, slowdowns: int) -> None:
        """Pause everyone; halve the limit unless that was done since this request was sent.

        Requests sent together are refused together: they count as one refusal.
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
            f"{self._failed} requests in a row failed: run the same command again when the server "
            f"is healthy. The last failure: {failure}"
        )

    def _delay(self, failure: TransientError, failures: int) -> float:
        """Seconds to wait: no less than the server asks for.

        Otherwise a server that keeps asking for 0 s would use up all tries at once.
        """
        if (wanted := failure.retry_after or 0.0) > PAID.longest_named:
            raise ServerError(
                f"The server asks to wait {wanted:.0f} s before the next request: run the same "
                f"command again then. It says: {failure}"
            )
        in_a_row = self._refusals + 1 if isinstance(failure, BusyError) else failures
        return max(PAID.delay(in_a_row), PAID.named(wanted))


@contextmanager
def without_waits() -> Iterator[None]:
    """For tests: retries without waiting, the same number of times."""
    token = _WAITS.set(False)
    try:
        yield
    finally:
        _WAITS.reset(token)
