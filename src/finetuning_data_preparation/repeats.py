"""How often to train on a row, so that the choice after a round is taught.

After a round the planner goes on with another plan, or with the final answer. Where few rows have
several plans, a model hardly sees the first choice, and answers too soon. Rows with several plans
are therefore repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST = 10
"""Repeats of one row; more would teach the row itself."""


def repeats(plans: Sequence[int], share: float) -> list[int]:
    """How often to write each row, given its number of plans.

    So often that another plan is at least `share` of the choices after a round, as far as MOST
    allows; rows without a second plan are written once.
    """
    several = [count for count in plans if count > 1]
    more, answers = sum(several) - len(several), len(several)
    others = sum(count == 1 for count in plans)
    # With `times` copies of rows with several plans: times · more / (times · (more + answers) +
    # others) is at least the share.
    spare = more - share * (more + answers)
    times = min(MOST, max(1.0, share * others / spare)) if spare > 0 else MOST
    written, found = 0, list[int]()
    for count in plans:
        if count > 1:
            written += 1
            found.append(_whole(written * times) - _whole((written - 1) * times))
        else:
            found.append(1)
    return found


@dataclass(frozen=True)
class RepeatedRows:
    """The number of plans of each training row, and how often it is written."""

    plans: Sequence[int]
    times: Sequence[int]

    def as_json(self) -> dict[str, Any]:
        """A part of curation_report.json."""
        return {
            "rows": len(self.plans),
            "rows_written": sum(self.times),
            "share": second_plan_share(self.plans, [1] * len(self.plans)),
            "share_written": second_plan_share(self.plans, self.times),
        }


def second_plan_share(plans: Sequence[int], times: Sequence[int]) -> float | None:
    """The share of another plan among the choices after a round; None without any."""
    more = sum(n * (count - 1) for count, n in zip(plans, times, strict=True) if count)
    answers = sum(n for count, n in zip(plans, times, strict=True) if count)
    return round(more / (more + answers), 6) if more + answers else None


def _whole(value: float) -> int:
    """Rounded up, unless it is a whole number but for rounding."""
    return -int(-(value - 1e-9) // 1)
