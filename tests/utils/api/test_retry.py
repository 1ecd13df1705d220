"""What may pass, how often it is asked for, and how long that waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sprint.utils.api.completion import UnfinishedError
from sprint.utils.api.retry import (
    BATCHED,
    CALLS,
    CHECK,
    MAX_FAILED_IN_A_ROW,
    PAID,
    ROUNDS,
    Backoff,
    RetryPolicy,
    without_waits,
)
from sprint.utils.errors import (
    BusyError,
    CallError,
    CutError,
    FailedError,
    MalformedError,
    RefusedError,
    ServerError,
    SilentError,
    TransientError,
    UnreachableError,
)

FAILED, CUT, BUSY = FailedError("oops"), CutError("cut"), BusyError("later")
SILENT, UNFINISHED = SilentError("silent"), UnfinishedError("url", "abort")
REFUSED = RefusedError("too long")


@pytest.mark.parametrize(
    ("policy", "failure", "tries"),
    [
        (CHECK, MalformedError("odd"), 4),
        (ROUNDS, UnreachableError("gone"), 5),
        (ROUNDS, BUSY, 5),
        (CALLS, BUSY, 8),
        (CALLS, SILENT, 4),
        (CALLS, UNFINISHED, 1),
        (PAID, BUSY, 20),
        (PAID, FAILED, 6),
        (PAID, SILENT, 6),
        (PAID, UNFINISHED, 3),
        (BATCHED, FAILED, 3),
        (BATCHED, REFUSED, 1),
    ],
)
def test_how_often_a_request_is_made(policy: RetryPolicy, failure: Exception, tries: int) -> None:
    allowed = [policy.allows([failure] * failures) for failures in range(1, tries + 1)]
    assert allowed == [True] * (tries - 1) + [False]


def test_failures_of_each_kind_are_counted_apart() -> None:
    most = [BUSY] * 19 + [FAILED] * 5 + [CUT] * 5 + [UNFINISHED] * 2
    assert PAID.allows(most)
    for one_more in (BUSY, FAILED, CUT, UNFINISHED):
        assert not PAID.allows([*most, one_more])


def test_waits_double_up_to_the_longest() -> None:
    assert [CHECK.delay(failures) for failures in (1, 2, 3)] == [0.2, 0.4, 0.8]
    for failures, longest in enumerate((0.5, 1.0, 2.0, 4.0, 8.0, 8.0), 1):
        assert longest / 2 <= ROUNDS.delay(failures) <= longest


def test_a_wait_that_a_server_asks_for_has_a_bound() -> None:
    assert (ROUNDS.named(7.0), ROUNDS.named(3600.0)) == (7.0, 60.0)


def test_a_call_is_made_again_until_it_is_answered() -> None:
    failures: list[TransientError] = [FAILED, CUT]

    async def send() -> str:
        if failures:
            raise failures.pop()
        return "yes"

    with without_waits():
        assert asyncio.run(CHECK.call(send)) == "yes"
    assert failures == []


def test_the_last_failure_is_raised() -> None:
    sent = 0

    async def send() -> None:
        nonlocal sent
        sent += 1
        raise FailedError(f"oops {sent}")

    with without_waits(), pytest.raises(FailedError, match="oops 4"):
        asyncio.run(CHECK.call(send))
    assert sent == 4


def test_without_waits_nothing_is_waited_for() -> None:
    with without_waits():
        assert PAID.delay(5) == PAID.named(7.0) == 0.0
    assert PAID.delay(5) > 0.0 < PAID.named(7.0)


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
