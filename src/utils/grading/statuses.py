"""What is said of an answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["correct", "incorrect", "no_answer", "unparseable", "gold_unparseable", "timeout"]


class Verdict(NamedTuple):
    """A status, and what is to be said about it (empty for a plain verdict).

    `seconds`: the processor time that a worker has taken for it, 0 without one.
    """

    status: Status
    detail: str = ""
    seconds: float = 0.0


def wall_limit(timeout_s: float) -> float:
    """Seconds of any time that a comparison may take which has `timeout_s` of processor time.

    So long that no load of the machine makes up the difference; only what waits, and so uses no
    processor time, gets there.
    """
    return max(300.0, 60.0 * timeout_s)
