"""Accuracy against sequential tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from matplotlib.figure import Figure

from ..compare.bootstrap import Interval
from ..compare.outcomes import MethodResults, ProblemResult
from .style import FAINT, bars, draw_bars, mark, mean_interval, new_figure, paper_style, short


class Point(NamedTuple):
    """A method: mean sequential tokens per problem, and accuracy as a fraction.

    `number` is the position of the method among all, which selects its marker.
    """

    name: str
    tokens: Interval
    accuracy: Interval
    number: int = 0


def draw_accuracy(methods: Sequence[MethodResults]) -> Figure | None:
    """A point for each method with 95 % intervals, and the Pareto front through the best.

    Each is a mean over the problems that all drawn methods share, because points on different
    problems are not comparable. None if no method has both verdicts and tokens.
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
        for point in points:
            style = mark(point.number)
            place = point.tokens.value, 100 * point.accuracy.value
            wide, high = bars(point.tokens), bars(point.accuracy, 100)
            draw_bars(axes, *place, style.colour, xerr=wide, yerr=high)
            axes.plot(
                *place,
                marker=style.marker,
                color=style.colour,
                ls="none",
                label=f"{short(point.name)} ({_problems(point)})",
                zorder=3,
            )
        axes.set_xlim(left=0)
        axes.set_xlabel("sequential tokens per problem")
        axes.set_ylabel("accuracy (%)")
        legend = axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
        if _narrowed(methods):
            legend.set_title("on the problems that all of them have", {"size": 8.0})
    return figure


def points_of(methods: Sequence[MethodResults]) -> list[Point]:
    """The methods that have both, in the given order, on the problems that all of them have."""
    drawn = _drawn(methods)
    graded = _common(drawn.values(), _verdict)
    counted = _common(drawn.values(), _tokens)
    points = []
    for number, method in drawn.items():
        tokens = mean_interval(_values(method, _tokens, counted))
        accuracy = mean_interval(_values(method, _verdict, graded))
        if tokens is not None and accuracy is not None:
            points.append(Point(method.method, tokens, accuracy, number))
    return points


def left_out_of_accuracy(methods: Sequence[MethodResults]) -> dict[str, str]:
    """The methods without a point, and why."""
    reasons = {}
    drawn = _drawn(methods).values()
    apart = not (_common(drawn, _verdict) and _common(drawn, _tokens))
    for method in methods:
        if not _known(method, _verdict):
            reasons[method.method] = (
                "there are no answers to grade (give the test set by --test_hub_path)"
            )
        elif not _known(method, _tokens):
            reasons[method.method] = "there are no trajectories to count"
        elif apart:
            reasons[method.method] = (
                "no problem has a verdict in all folders, or none has tokens in all"
            )
    return reasons


_Value = Callable[[ProblemResult], float | None]


def _verdict(problem: ProblemResult) -> float | None:
    return problem.correct


def _tokens(problem: ProblemResult) -> float | None:
    return problem.sequential


def _drawn(methods: Sequence[MethodResults]) -> dict[int, MethodResults]:
    """The methods that have both verdicts and tokens, by position."""
    return {
        number: method
        for number, method in enumerate(methods)
        if _known(method, _verdict) and _known(method, _tokens)
    }


def _known(method: MethodResults, value: _Value) -> set[str]:
    """The problems for which the method has the value."""
    return {problem.problem_id for problem in method.problems if value(problem) is not None}


def _common(methods: Iterable[MethodResults], value: _Value) -> set[str]:
    """The problems for which every method has the value."""
    known = [_known(method, value) for method in methods]
    return set.intersection(*known) if known else set()


def _narrowed(methods: Sequence[MethodResults]) -> bool:
    """Whether a drawn method has values for problems that another lacks."""
    drawn = _drawn(methods).values()
    return any(
        _known(method, value) != _common(drawn, value)
        for value in (_verdict, _tokens)
        for method in drawn
    )


def _values(method: MethodResults, value: _Value, ids: set[str]) -> list[float]:
    found = [value(problem) for problem in method.problems if problem.problem_id in ids]
    return [one for one in found if one is not None]


def _problems(point: Point) -> str:
    """The number of problems behind a point."""
    graded, counted = point.accuracy.pairs, point.tokens.pairs
    return f"n = {graded}" if graded == counted else f"n = {graded}, tokens of {counted}"


def pareto_front(points: Sequence[Point]) -> list[Point]:
    """The points that no other point beats in both, from the fewest tokens on."""
    front: list[Point] = []
    for point in sorted(points, key=lambda one: (one.tokens.value, -one.accuracy.value)):
        if not front or point.accuracy.value > front[-1].accuracy.value:
            front.append(point)
    return front
