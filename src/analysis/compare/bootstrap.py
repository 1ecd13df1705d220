"""Paired bootstrap: the uncertainty of a difference between two methods on the same problems.

Problems are drawn with replacement, each with the values of both methods, and the difference is
computed for each draw; the interval lies between its percentiles (Efron and Tibshirani,
An Introduction to the Bootstrap, 1993, chapters 13 and 14).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

RESAMPLES = 10_000
CONFIDENCE = 0.95
SEED = 0
_MOST_DRAWN_AT_ONCE = 1_000_000

Pairs = Sequence[tuple[float, float]]
"""For each problem the value of the reference method, and that of the compared method."""


_Floats = npt.NDArray[np.float64]
_Statistic = Callable[[_Floats, _Floats], _Floats]
"""The estimate, from the means of both columns, one per draw."""


class Interval(NamedTuple):
    """An estimate with the bounds of its 95 % interval, from `pairs` problems."""

    value: float
    low: float
    high: float
    pairs: int


def difference_of_means(pairs: Pairs, resamples: int = RESAMPLES) -> Interval | None:
    """Mean of the second values minus mean of the first; None without pairs."""
    return _interval(pairs, lambda first, second: second - first, resamples)


def ratio_of_means(pairs: Pairs, resamples: int = RESAMPLES) -> Interval | None:
    """Mean of the second values over mean of the first; None without pairs, or if that is 0.

    Draws whose first mean is 0 have no ratio and are left out of the interval.
    """
    if not sum(first for first, _ in pairs):
        return None
    return _interval(pairs, _ratio, resamples)


def _ratio(first: _Floats, second: _Floats) -> _Floats:
    return np.divide(second, first, out=np.full_like(second, np.nan), where=first != 0)


def _interval(pairs: Pairs, statistic: _Statistic, resamples: int) -> Interval | None:
    if not pairs:
        return None
    values = np.asarray(pairs, dtype=np.float64)
    found = statistic(*values.mean(axis=0, keepdims=True).T)
    draws = np.concatenate([statistic(*means.T) for means in _means(values, resamples)])
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(draws, (tail, 100 - tail))
    return Interval(float(found[0]), float(low), float(high), len(pairs))


def _means(values: _Floats, resamples: int) -> Sequence[_Floats]:
    """Means of both columns in each draw, (draws, 2), computed in chunks to limit memory."""
    generator = np.random.default_rng(SEED)
    at_once = max(1, _MOST_DRAWN_AT_ONCE // len(values))
    means = []
    for done in range(0, resamples, at_once):
        shape = (min(at_once, resamples - done), len(values))
        means.append(values[generator.integers(len(values), size=shape)].mean(axis=1))
    return means
