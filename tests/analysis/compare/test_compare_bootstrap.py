from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.analysis.compare.bootstrap import difference_of_means, ratio_of_means

VALUES = st.floats(1, 1e5)
PAIRS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30)


@given(pairs=PAIRS)
def test_the_bounds_lie_around_the_estimate_of_a_difference(
    pairs: list[tuple[float, float]],
) -> None:
    found = difference_of_means(pairs, resamples=200)
    assert found is not None
    differences = [second - first for first, second in pairs]
    assert found.value == pytest.approx(sum(differences) / len(pairs), rel=1e-9, abs=1e-6)
    assert min(differences) - 1e-6 <= found.low <= found.high <= max(differences) + 1e-6


@given(pairs=PAIRS, factor=st.floats(0.1, 10))
def test_a_constant_ratio_has_no_spread(pairs: list[tuple[float, float]], factor: float) -> None:
    """Paired: however the lengths of problems vary, their ratio does not."""
    found = ratio_of_means([(first, factor * first) for first, _ in pairs], resamples=200)
    assert found is not None
    assert found.low == pytest.approx(factor) == pytest.approx(found.high)


def test_coverage_of_a_known_interval() -> None:
    """100 answers, 30 of them right where the other was wrong: the standard error is known."""
    found = difference_of_means([(0, 1)] * 30 + [(1, 1)] * 70)
    assert found is not None
    error = math.sqrt(0.3 * 0.7 / 100)
    assert (found.low, found.high) == pytest.approx((0.3 - 1.96 * error, 0.3 + 1.96 * error), 0.06)


def test_no_pairs_and_no_ratio_to_zero() -> None:
    assert difference_of_means([]) is None
    assert ratio_of_means([]) is None
    assert ratio_of_means([(0, 1), (0, 2)]) is None


def test_draws_without_a_ratio_are_left_out() -> None:
    found = ratio_of_means([(0, 1), (1, 1)])
    assert found is not None
    assert (found.low, found.value, found.high) == (1, 2, 2)


def test_the_same_numbers_every_time() -> None:
    pairs = [(float(i), float(i * i % 7)) for i in range(20)]
    assert difference_of_means(pairs) == difference_of_means(pairs)
