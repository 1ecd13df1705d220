"""The statuses of an answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["correct", "incorrect", "no_answer", "unparseable", "gold_unparseable", "timeout"]


class Verdict(NamedTuple):
    """A status, with a detail (empty for a plain verdict).

    `seconds`: CPU time of the worker, 0 without one.
    """

    status: Status
    detail: str = ""
    seconds: float = 0.0


def wall_limit(timeout_s: float) -> float:
    """Wall-clock seconds for a comparison that has `timeout_s` of CPU time.

    So long that no load of the machine matters; only a comparison that waits, and so uses no CPU
    time, reaches it.
    """
    return max(300.0, 60.0 * timeout_s)
