"""How many phases problems take, and how wide the phases are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..compare.bootstrap import Interval
from ..compare.outcomes import MethodResults
from .style import (
    HEIGHT,
    add_legend,
    bars,
    draw_bars,
    mark,
    mean_interval,
    new_figure,
    paper_style,
    short,
)


class PhaseWidth(NamedTuple):
    """The number of problems that reach this phase, and their mean prompts in it."""

    number: int
    problems: int
    prompts: Interval


def draw_phases(methods: Sequence[MethodResults]) -> Figure | None:
    """Above, the problems that have a phase 1, 2, …; below, the mean number of prompts in it.

    Serial methods have no phases. None if no method has any.
    """
    found = [
        (mark(number), method, phases_of(method))
        for number, method in enumerate(methods)
        if not method.serial and any(problem.widths for problem in method.problems)
    ]
    if not found:
        return None
    with paper_style():
        figure, (above, below) = new_figure(2, height=1.35 * HEIGHT)
        width = 0.8 / len(found)
        for number, (style, method, phases) in enumerate(found):
            shift = (number - (len(found) - 1) / 2) * width
            places = [phase.number + shift for phase in phases]
            above.bar(
                places,
                [phase.problems for phase in phases],
                0.9 * width,
                color=style.colour,
                edgecolor="white",
                hatch=style.hatch,
                lw=0,
                label=short(method.method),
            )
            for place, phase in zip(places, phases, strict=True):
                above.annotate(
                    str(phase.problems),
                    (place, phase.problems),
                    xytext=(0, 1.5),
                    textcoords="offset points",
                    ha="center",
                    fontsize=6.5,
                )
                spread = bars(phase.prompts)
                draw_bars(below, place, phase.prompts.value, style.colour, yerr=spread)
            below.plot(
                places,
                [phase.prompts.value for phase in phases],
                marker=style.marker,
                color=style.colour,
                ls=style.dashes,
            )
        above.set_ylabel("problems")
        add_legend(figure, above, "upper right")
        below.set_ylim(bottom=0)
        below.set_ylabel("mean prompts in parallel")
        below.set_xlabel("phase")
        below.xaxis.set_major_locator(MaxNLocator(integer=True))
        for axes in (above, below):
            axes.grid(visible=False, axis="x")
    return figure


def left_out_of_phases(methods: Sequence[MethodResults]) -> dict[str, str]:
    """The methods without phases, and why."""
    reasons = {}
    for method in methods:
        if method.serial:
            reasons[method.method] = "its responses are serial and have no phases"
        elif not any(problem.widths for problem in method.problems):
            reasons[method.method] = "its trajectories have no phases"
    return reasons


def phases_of(method: MethodResults) -> list[PhaseWidth]:
    """The phases 1, 2, … that any problem of the method reaches."""
    found = []
    longest = max((len(problem.widths) for problem in method.problems), default=0)
    for number in range(1, longest + 1):
        widths = [
            float(problem.widths[number - 1])
            for problem in method.problems
            if len(problem.widths) >= number
        ]
        prompts = mean_interval(widths)
        if prompts is not None:
            found.append(PhaseWidth(number, len(widths), prompts))
    return found
