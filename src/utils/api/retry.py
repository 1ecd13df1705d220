"""Asking again: what may pass, how often it is asked for, and how long to wait before that.

A failed call is made again as it was, by one of the policies below; `Attempts` counts replies that
are of no use apart from those.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TypeVar

from ..errors import BusyError, CutError, FailedError, SilentError, TransientError, UnreachableError
from .completion import UnfinishedError

Answer = TypeVar("Answer")
Kind = type[Exception]

_WAITS = ContextVar("_WAITS", default=True)


@dataclass(frozen=True)
class RetryPolicy:
    """Errors of the types `passes` may pass: a request is made `tries` times in all.

    It is made less often where so many failures are of a type in `tries_of`. Waits, in seconds,
    double from `first_delay` to `longest_delay`; `jitter` is the share by which chance shortens
    them. A wait that a server asks for counts up to `longest_named`, and may end later by the
    share `most_late`: those that are told the same time do not all come back at it.
    """

    passes: tuple[Kind, ...]
    tries: int
    tries_of: Mapping[Kind, int] = field(default_factory=dict)
    first_delay: float = 0.0
    longest_delay: float = 60.0
    jitter: float = 0.0
    longest_named: float = 0.0
    most_late: float = 0.0

    def allows(self, failures: Sequence[Exception]) -> bool:
        """Whether a request that failed in these ways, one after another, may be made again."""
        return (
            len(failures) < self.tries
            and all(isinstance(failure, self.passes) for failure in failures)
            and all(
                sum(isinstance(failure, kind) for failure in failures) < most
                for kind, most in self.tries_of.items()
            )
        )

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


CHECK = RetryPolicy((TransientError,), tries=4, first_delay=0.2)
"""What a server serves, before a run."""
ROUNDS = RetryPolicy(
    (TransientError, UnreachableError),
    tries=5,
    first_delay=0.5,
    longest_delay=8.0,
    jitter=0.5,
    longest_named=60.0,
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
    jitter=0.5,
    longest_named=600.0,
    most_late=0.1,
)
"""A request whose answer is stored. Refusals for rate are no fault of its own, and each but the
first is met with fewer others in flight."""
BATCHED = RetryPolicy((TransientError,), tries=3)
"""A request that expires in a batch or fails there."""


class Attempts:
    """Numbers the requests for one reply, from 1 on, until `errors` has too many.

    At most `most` may bring what cannot be used; CALLS says how many may break off. The caller
    appends the error of each request that failed, and stops iterating once it has its reply.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.errors: list[Exception] = []

    def __iter__(self) -> Iterator[int]:
        number = 1
        while self._goes_on():
            yield number
            number += 1

    @property
    def asks_hotter(self) -> bool:
        """Whether what the model wrote is a reason to ask again, not only what became of it."""
        return any(not isinstance(error, TransientError) for error in self.errors)

    def _goes_on(self) -> bool:
        broken = [error for error in self.errors if isinstance(error, CALLS.passes)]
        return len(self.errors) - len(broken) < self.most and CALLS.allows(broken)


@contextmanager
def without_waits() -> Iterator[None]:
    """For tests: here requests are made again at once, and as often as ever."""
    token = _WAITS.set(False)
    try:
        yield
    finally:
        _WAITS.reset(token)
