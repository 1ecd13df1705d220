"""The reward of a rollout: right, and sooner than the others. Pure: without files.

Rollouts of one problem are a group. A rollout that is not good has the reward 0; a good one has 1,
and up to a bound more or less for its priced path against the mean of the good ones. Time counts
only in a group that is good nearly throughout: being right comes first. Advantages are rewards less
their mean, without the standard deviation, which makes small differences in time as large as being
right (as found with ThreadWeaver, arXiv 2512.07843).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class RolloutOutcome(NamedTuple):
    """`is_good`: a right answer, and nothing went wrong on the way. `seconds`: the priced path."""

    is_good: bool
    seconds: float


@dataclass(frozen=True)
class RewardRule:
    """`weight` of the time saved, a fraction of the mean of the good ones and at most `bound`;
    `share`: the fraction of a group that must be good for time to count.
    """

    weight: float
    bound: float
    share: float

    def rewards(self, group: Sequence[RolloutOutcome]) -> list[float]:
        """Of the rollouts of a problem, in their order."""
        good = [one.seconds for one in group if one.is_good]
        if not good or len(good) < self.share * len(group):
            return [float(one.is_good) for one in group]
        mean = sum(good) / len(good)
        return [
            1 + self.weight * self._bounded(1 - one.seconds / mean) if one.is_good else 0.0
            for one in group
        ]

    def _bounded(self, saved: float) -> float:
        return max(-self.bound, min(self.bound, saved))


def advantages(rewards: Sequence[float]) -> list[float]:
    """Rewards less their mean; all 0 in a group of equal rewards, which teaches nothing."""
    mean = sum(rewards) / len(rewards)
    return [reward - mean for reward in rewards] if len(set(rewards)) > 1 else [0.0] * len(rewards)


def call_weight(advantage: float, *, kept: bool) -> float:
    """The weight of a call's tokens. A discarded attempt is never rewarded, not even in a group
    where all others are worse.
    """
    return advantage if kept else min(0.0, advantage)
