"""What may pass, how often it is asked for, and how long that waits."""

from __future__ import annotations

import asyncio

import pytest
from sprint.utils.api.completion import UnfinishedError
from sprint.utils.api.retry import (
    BATCHED,
    CALLS,
    CHECK,
    PAID,
    ROUNDS,
    Attempts,
    RetryPolicy,
    without_waits,
)
from sprint.utils.errors import (
    BusyError,
    CutError,
    FailedError,
    FormatError,
    MalformedError,
    RefusedError,
    SilentError,
    TransientError,
    UnreachableError,
)

FAILED, CUT, BUSY = FailedError("oops"), CutError("cut"), BusyError("later")
SILENT, UNFINISHED = SilentError("url", 600.0), UnfinishedError("url", "abort")
REFUSED, USELESS = RefusedError("too long"), FormatError("no plan")


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


@pytest.mark.parametrize(
    ("errors", "count", "hotter"),
    [
        ([USELESS] * 9, 2, True),
        ([UNFINISHED] * 9, 2, False),
        ([FAILED] * 9, 8, False),
        ([SILENT] * 9, 4, False),
        ([FAILED, USELESS, SILENT, FAILED, USELESS, FAILED], 5, True),
    ],
)
def test_failed_calls_and_useless_replies_are_counted_apart(
    errors: list[Exception], count: int, hotter: bool
) -> None:
    attempts = Attempts(2)
    for number in attempts:
        attempts.errors.append(errors[number - 1])
    assert (len(attempts.errors), attempts.asks_hotter) == (count, hotter)
