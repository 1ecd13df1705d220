"""Failed calls, useless replies and refusals: how often one reply is asked for."""

from __future__ import annotations

import pytest
from sprint.utils.api.completion import UnfinishedError
from sprint.utils.errors import FailedError, FormatError, RefusedError, ServerError, SilentError
from sprint.utils.methods.ledger import Attempts, Ledger

FAILED, SILENT = FailedError("oops"), SilentError("silent")
UNFINISHED, USELESS = UnfinishedError("url", "abort"), FormatError("no plan")
REFUSED = RefusedError("too long")


def failed(errors: list[Exception], faults: list[str]) -> Attempts:
    """Two replies may be of no use."""
    attempts = Attempts(2, Ledger("test"), faults, "plan 1")
    for number in attempts:
        with attempts.noted(since=0):
            raise errors[number - 1]
    return attempts


@pytest.mark.parametrize(
    ("errors", "count", "hotter"),
    [
        ([USELESS] * 9, 2, True),
        ([UNFINISHED] * 9, 2, False),
        ([FAILED] * 9, 8, False),
        ([SILENT] * 9, 4, False),
        ([FAILED, USELESS, SILENT, FAILED, USELESS, FAILED], 5, True),
        ([FAILED, REFUSED, FAILED], 2, True),
    ],
)
def test_failed_calls_and_useless_replies_are_counted_apart(
    errors: list[Exception], count: int, hotter: bool
) -> None:
    faults = list[str]()
    attempts = failed(errors, faults)
    assert (attempts.errors, attempts.useless > 0) == (errors[:count], hotter)
    assert faults == [f"plan 1, attempt {number + 1}: {errors[number]}" for number in range(count)]


def test_a_refusal_is_told() -> None:
    assert failed([REFUSED], []).refusal is REFUSED
    assert failed([USELESS] * 2, []).refusal is None


def test_a_server_that_is_gone_is_no_attempt() -> None:
    with pytest.raises(ServerError):
        failed([ServerError("gone")], [])
