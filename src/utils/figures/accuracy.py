"""Accuracy against sequential tokens: which method gives more for less."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from ..compare.bootstrap import Interval
from ..compare.methods import MethodResults
from .style import FAINT, bars, mark, mean_interval, new_figure, paper_style, short


class Point(NamedTuple):
    """A method: mean sequential tokens a problem, and accuracy as a fraction."""

    name: str
    tokens: Interval
    accuracy: Interval


def draw_accuracy(methods: Sequence[MethodResults]) -> Figure | None:
    """A point for each method with 95 % intervals, and the Pareto front through the best.

    None where no method has both verdicts and tokens.
    """
    points = points_of(methods)
    if not points:
        return None
    with paper_style():
        figure, (axes,) = new_figure()
        front = pareto_front(points)
        if len(front) > 1:
            axes.step(
                [point.tokens.value for point in front],
                [100 * point.accuracy.value for point in front],
                where="post",
                color=FAINT,
                lw=0.9,
                ls=(0, (4, 3)),
                zorder=1,
                label="Pareto front",
            )
        for number, point in enumerate(points):
            style = mark(number)
            axes.errorbar(
                point.tokens.value,
                100 * point.accuracy.value,
                xerr=bars(point.tokens),
                yerr=bars(point.accuracy, 100),
                fmt=style.marker,
                color=style.colour,
                elinewidth=0.8,
                capsize=2,
                label=f"{short(point.name)} (n = {point.accuracy.pairs})",
                zorder=3,
            )
        axes.set_xlim(left=0)
        axes.set_xlabel("sequential tokens a problem")
        axes.set_ylabel("accuracy (%)")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return figure


def points_of(methods: Sequence[MethodResults]) -> list[Point]:
    """The methods that have both, in the order given."""
    points = []
    for method in methods:
        tokens = mean_interval([p.sequential for p in method.problems if p.sequential is not None])
        accuracy = mean_interval([p.correct for p in method.problems if p.correct is not None])
        if tokens is not None and accuracy is not None:
            points.append(Point(method.method, tokens, accuracy))
    return points


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other beats in both, from the fewest tokens on."""
    front: list[Point] = []
    for point in sorted(points, key=lambda one: (one.tokens.value, -one.accuracy.value)):
        if not front or point.accuracy.value > front[-1].accuracy.value:
            front.append(point)
    return front
