from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.component_separation.separation_rules import THRESHOLD, best_starts


def test_without_lines_there_are_no_steps() -> None:
    assert best_starts([]) == []


def test_cuts_are_where_much_speaks_for_them() -> None:
    weights = [0.0] * 30
    weights[9], weights[19] = 4.0, 4.0
    assert best_starts(weights) == [1, 10, 20]


def test_of_two_near_cuts_the_better_one_is_taken() -> None:
    weights = [0.0] * 60
    weights[29], weights[30] = 1.5, 2.0
    assert best_starts(weights) == [1, 31]


def test_a_short_introduction_costs_nothing() -> None:
    assert best_starts([0.0, 1.0, *[0.0] * 10]) == [1, 2]


@settings(max_examples=50)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=60))
def test_only_lines_above_the_threshold_begin_steps(weights: list[float]) -> None:
    starts = best_starts(weights)
    assert starts == sorted(set(starts))
    assert starts[0] == 1
    assert all(weights[line - 1] > THRESHOLD for line in starts[1:])


def test_a_long_thought_is_cut_in_reasonable_time() -> None:
    assert len(best_starts([1.0] * 5_000)) < 200
