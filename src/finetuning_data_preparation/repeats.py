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

    Rows with several plans get one more copy in turn, until another plan is at least `share` of the
    choices after a round, or each is written MOST times.
    """
    times = [1] * len(plans)
    several = [place for place, count in enumerate(plans) if count > 1]
    more, choices = sum(plans) - sum(map(bool, plans)), sum(plans)
    for place in several * (MOST - 1):
        if more >= share * choices:
            break
        times[place] += 1
        more, choices = more + plans[place] - 1, choices + plans[place]
    return times


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
    choices = sum(n * count for count, n in zip(plans, times, strict=True))
    return round(more / choices, 6) if choices else None
