"""The retry layer, with a clock of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sprint.utils.api.backoff import MAX_FAILED_IN_A_ROW, Backoff
from sprint.utils.api.retry import PAID
from sprint.utils.errors import (
    BusyError,
    CallError,
    CutError,
    FailedError,
    RefusedError,
    ServerError,
    TransientError,
)


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def backoff(self, limit: int) -> Backoff:
        return Backoff(limit, clock=lambda: self.now, sleep=self.sleep)


def failing(*failures: TransientError) -> Callable[[], Awaitable[str]]:
    """A request that fails so often, and then is answered."""
    left = list(failures)

    async def send() -> str:
        if left:
            raise left.pop(0)
        return "yes"

    return send


def busy(retry_after: float | None = None) -> TransientError:
    return BusyError("slow down", retry_after)


def call(backoff: Backoff, *failures: TransientError) -> str:
    return asyncio.run(backoff.call(failing(*failures)))


def test_the_wait_is_the_one_the_server_asks_for() -> None:
    clock = Clock()
    assert call(clock.backoff(8), busy(7.0)) == "yes"
    (slept,) = clock.slept
    assert 7.0 < slept <= 7.0 * (1 + PAID.most_late)


def test_a_server_that_asks_for_no_wait_gets_one_that_doubles_all_the_same() -> None:
    clock = Clock()
    call(clock.backoff(8), *[busy(0.0)] * (PAID.tries_of[BusyError] - 1))
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0
    assert clock.now > 10 * PAID.longest_delay / 2


def test_without_one_it_doubles_up_to_a_bound() -> None:
    clock = Clock()
    call(clock.backoff(8), *[busy() for _ in range(PAID.tries_of[BusyError] - 1)])
    assert 0.25 <= clock.slept[0] <= 0.5 <= clock.slept[1] <= 1.0
    assert max(clock.slept) <= PAID.longest_delay


def test_everybody_waits_for_a_refusal_for_rate() -> None:
    clock = Clock()
    backoff = clock.backoff(8)
    sent = list[float]()

    async def other() -> None:
        sent.append(clock.now)

    async def main() -> None:
        with pytest.raises(CallError):
            await backoff.call(failing(*[busy(3.0)] * PAID.tries_of[BusyError]))
        await backoff.call(other)

    asyncio.run(main())
    assert sent == [clock.now]
    assert min(clock.slept) >= 3.0


def test_the_limit_is_halved_once_for_requests_refused_together_and_grows_again() -> None:
    clock = Clock()
    backoff = clock.backoff(8)

    async def main() -> None:
        together = asyncio.Barrier(4)
        refused = set[int]()

        async def send(number: int) -> None:
            if number not in refused:
                refused.add(number)
                await together.wait()
                raise busy(1.0)

        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(backoff.call(lambda number=number: send(number)))

    asyncio.run(main())
    assert backoff.limit == 5  # half of 8, and one more after four successes
    assert backoff.retried == {BusyError.kind: 4}


def test_no_more_in_flight_than_the_limit() -> None:
    backoff = Clock().backoff(3)
    peak = here = 0

    async def send() -> None:
        nonlocal peak, here
        here += 1
        peak = max(peak, here)
        await asyncio.sleep(0)
        here -= 1

    async def main() -> None:
        await asyncio.gather(*(backoff.call(send) for _ in range(10)))

    asyncio.run(main())
    assert peak == 3


@pytest.mark.parametrize("kind", [FailedError, CutError])
def test_other_failures_delay_their_own_request_alone(kind: type[TransientError]) -> None:
    clock = Clock()
    backoff = clock.backoff(8)
    assert call(backoff, kind("oops")) == "yes"
    assert (backoff.limit, backoff.retried) == (8, {kind.kind: 1})
    assert len(clock.slept) == 1


@pytest.mark.parametrize("kind", [BusyError, FailedError, CutError])
def test_tries_are_bounded(kind: type[TransientError]) -> None:
    failures = [kind(f"oops {n}", 0.0) for n in range(1, 100)]
    with pytest.raises(TransientError, match=f"oops {PAID.tries_of[kind]}$"):
        call(Clock().backoff(8), *failures)


def test_what_waiting_does_not_mend_is_not_sent_again() -> None:
    async def send() -> None:
        raise RefusedError("too long")

    with pytest.raises(RefusedError):
        asyncio.run(Clock().backoff(8).call(send))


def test_a_pause_that_is_too_long_ends_the_run() -> None:
    with pytest.raises(ServerError, match="asks to wait 3600 s"):
        call(Clock().backoff(8), busy(3600.0))


def test_nothing_but_failures_ends_the_run() -> None:
    backoff = Clock().backoff(8)

    def give_up() -> None:
        call(backoff, *[FailedError("oops")] * PAID.tries_of[FailedError])

    for _ in range(MAX_FAILED_IN_A_ROW - 1):
        with pytest.raises(TransientError):
            give_up()
    with pytest.raises(ServerError, match="20 requests in a row failed"):
        give_up()


def test_a_cancelled_request_frees_its_place() -> None:
    backoff = Clock().backoff(1)

    async def main() -> str:
        task = asyncio.create_task(backoff.call(asyncio.Event().wait))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return await backoff.call(failing())

    assert asyncio.run(main()) == "yes"
