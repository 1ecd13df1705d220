"""When reinforcement stops: at each bound, and not before it."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from sprint.latency_tuning.reinforcement.rollouts import Rollout
from sprint.latency_tuning.reinforcement.step_figures import StepFigures, UpdateFigures
from sprint.latency_tuning.reinforcement.stop_rules import StopRules

RULES = StopRules(faults=0.05, serial=0.95, mismatch=0.01, loss=0.03)
GOOD = Rollout("q", "1", True, False, 2.0, 1, 3, ())
SERIAL = replace(GOOD, seconds=3.0, phases=0, prompts=0)
FAULTY = replace(GOOD, right=False, faulty=True, seconds=None, phases=0, prompts=0)


def figures(*rollouts: Rollout) -> StepFigures:
    return StepFigures.of(rollouts, [1.0] * len(rollouts), UpdateFigures())


def test_the_figures_of_a_step_are_means_over_its_rollouts() -> None:
    found = figures(GOOD, SERIAL, FAULTY, replace(GOOD, level="2", seconds=4.0, phases=2))
    assert (found.right, found.faults, found.serial) == (0.75, 0.25, 1 / 3)
    assert (found.phases, found.width) == (0.75, 2.0)
    assert found.seconds == {"1": 2.5, "2": 4.0}


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (figures(*[GOOD] * 19, FAULTY), ""),
        (figures(*[GOOD] * 18, FAULTY, FAULTY), "10.0% of the first rollouts have faults"),
        (figures(*[SERIAL] * 19, GOOD), ""),
        (figures(*[SERIAL] * 20), "the model no longer hands out work"),
        (figures(*[FAULTY, *[GOOD] * 19, SERIAL]), ""),
    ],
)
def test_a_step_beyond_a_bound_is_the_last(step: StepFigures, reason: str) -> None:
    found = RULES.after_rollouts(step, is_first=True)
    assert (reason in found) if reason else found == ""


def test_faults_count_only_before_the_first_update() -> None:
    """Later ones are the model's own to unlearn, and accuracy shows them."""
    assert RULES.after_rollouts(figures(GOOD, FAULTY), is_first=False) == ""


def test_rollouts_outside_the_grammar_hide_no_collapse() -> None:
    step = figures(*[SERIAL] * 9, FAULTY)
    assert "no longer hands out work" in RULES.after_rollouts(step, is_first=False)


@pytest.mark.parametrize(
    ("mismatch", "gradient", "reason"),
    [
        (0.0, 0.0, ""),
        (0.01, 5.0, ""),
        (0.0101, 1.0, "differ by 0.0101 nats a token"),
        (nan, 1.0, "differ by nan nats a token"),
        (0.0, inf, "the gradient is not finite"),
    ],
)
def test_a_gradient_that_cannot_be_trusted_is_not_used(
    mismatch: float, gradient: float, reason: str
) -> None:
    found = RULES.after_gradient(UpdateFigures(10, mismatch, 0.0, gradient))
    assert (reason in found) if reason else found == ""


@pytest.mark.parametrize(
    ("now", "stops"), [(0.95, False), (0.90, False), (0.88, False), (0.87, False), (0.86, True)]
)
def test_accuracy_may_fall_by_three_points(now: float, stops: bool) -> None:
    assert bool(RULES.after_evaluation(0.90, now)) == stops
