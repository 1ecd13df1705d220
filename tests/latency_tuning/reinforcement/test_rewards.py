"""Rewards: right first, then soon; advantages without the standard deviation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.latency_tuning.reinforcement.rewards import (
    RewardRule,
    RolloutOutcome,
    advantages,
    call_weight,
)

RULE = RewardRule(weight=0.5, bound=0.5, share=7 / 8)
GROUPS = st.lists(
    st.builds(RolloutOutcome, st.booleans(), st.floats(0.01, 100)), min_size=1, max_size=12
)


@given(GROUPS)
def test_a_good_rollout_is_worth_more_than_any_other(group: list[RolloutOutcome]) -> None:
    for one, reward in zip(group, RULE.rewards(group), strict=True):
        assert (0.75 <= reward <= 1.25) if one.is_good else reward == 0


@given(GROUPS)
def test_of_two_good_ones_the_faster_has_no_lower_reward(group: list[RolloutOutcome]) -> None:
    good = [
        (one.seconds, reward)
        for one, reward in zip(group, RULE.rewards(group), strict=True)
        if one.is_good
    ]
    good.sort()
    assert [reward for _, reward in good] == sorted((reward for _, reward in good), reverse=True)


def test_time_saved_is_measured_against_the_mean_of_the_good_ones() -> None:
    group = [RolloutOutcome(True, 1.0)] * 7 + [RolloutOutcome(True, 3.0)]
    assert RULE.rewards(group) == pytest.approx([1.1] * 7 + [0.75])  # 1.4 more is beyond the bound


def test_time_counts_only_where_nearly_all_are_good() -> None:
    """With 6 of 8, being right is what there is to learn."""
    slow, fast, wrong = (
        RolloutOutcome(True, 2.0),
        RolloutOutcome(True, 1.0),
        RolloutOutcome(False, 0.5),
    )
    assert RULE.rewards([slow, fast, *[fast] * 4, wrong, wrong]) == [1.0] * 6 + [0.0] * 2
    assert RULE.rewards([slow, *[fast] * 6, wrong])[0] < 1.0


@given(st.lists(st.floats(0, 2), min_size=1, max_size=12))
def test_advantages_add_up_to_nothing(rewards: list[float]) -> None:
    found = advantages(rewards)
    assert sum(found) == pytest.approx(0, abs=1e-9)
    assert [one for _, one in sorted(zip(rewards, found, strict=True))] == sorted(found)


def test_equal_rewards_teach_nothing() -> None:
    assert advantages([0.1 + 0.2] * 3) == [0.0] * 3


@given(st.floats(-2, 2))
def test_a_discarded_attempt_is_never_rewarded(advantage: float) -> None:
    assert call_weight(advantage, kept=False) == min(0.0, advantage)
    assert call_weight(advantage, kept=True) == advantage
