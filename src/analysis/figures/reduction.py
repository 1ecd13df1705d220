"""Sequential tokens saved, by the length of the serial baseline."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from matplotlib.figure import Figure

from ..compare.bootstrap import Interval, ratio_of_means
from ..compare.outcomes import MethodResults, common_problems
from .style import FAINT, add_legend, bars, draw_bars, mark, new_figure, paper_style, short

MOST_BINS = 5
FEWEST_IN_A_BIN = 5


class Bin(NamedTuple):
    """Problems whose baseline takes `first` to `last` tokens; `ratio` of the mean tokens."""

    first: float
    last: float
    ratio: Interval


def draw_reduction(baseline: MethodResults, others: Sequence[MethodResults]) -> Figure | None:
    """Tokens saved against the baseline by its length, with 95 % intervals.

    Bins contain about the same number of problems, shown at each point. None if no method shares
    problems with it.
    """
    # The first marker is the baseline's, as in other figures.
    found = [
        (mark(number), method, bins_of(baseline, method))
        for number, method in enumerate(others, start=1)
    ]
    found = [(style, method, bins) for style, method, bins in found if bins]
    if not found:
        return None
    with paper_style():
        figure, (axes,) = new_figure()
        axes.axhline(0, color=FAINT, lw=0.8)
        for style, method, bins in found:
            middles = [(one.first + one.last) / 2 for one in bins]
            saved = [100 * (1 - one.ratio.value) for one in bins]
            axes.plot(
                middles,
                saved,
                marker=style.marker,
                color=style.colour,
                ls=style.dashes,
                label=short(method.method),
                zorder=3,
            )
            for middle, value, one in zip(middles, saved, bins, strict=True):
                below, above = bars(one.ratio, 100)
                # The saving is 1 minus the ratio, so its bars swap places.
                wide = [[middle - one.first], [one.last - middle]]
                draw_bars(axes, middle, value, style.colour, yerr=[above, below], xerr=wide)
                axes.annotate(
                    f"{one.ratio.pairs}",
                    (middle, value),
                    xytext=(4, 4),
                    textcoords="offset points",
                    fontsize=7,
                    color=FAINT,
                )
        axes.set_xlabel(f"tokens of {short(baseline.method)} (numbers: problems)")
        axes.set_ylabel("sequential tokens saved (%)")
        add_legend(figure, axes, "best")
    return figure


def left_out_of_reduction(
    baseline: MethodResults, others: Sequence[MethodResults]
) -> dict[str, str]:
    """The methods without bins, and why."""
    if not others:
        return {baseline.method: "there is no second folder to compare it with"}
    return {
        method.method: f"no problem has tokens both there and in {baseline.method}"
        for method in others
        if not _lengths(baseline, method)
    }


def bins_of(baseline: MethodResults, method: MethodResults) -> list[Bin]:
    """The common problems by the baseline's tokens, in at most `MOST_BINS` bins of similar size.

    Problems of one length stay in one bin; otherwise the other method would separate them.
    """
    pairs = sorted(_lengths(baseline, method), key=lambda pair: pair[0])
    found = []
    for start, end in pairwise(_edges([length for length, _ in pairs])):
        part = pairs[start:end]
        ratio = ratio_of_means(part)
        if ratio is not None:
            found.append(Bin(part[0][0], part[-1][0], ratio))
    return found


def _lengths(baseline: MethodResults, method: MethodResults) -> list[tuple[float, float]]:
    """The tokens of both on each problem for which both have any."""
    return [
        (float(first.sequential), float(other.sequential))
        for first, other in common_problems(baseline, method)
        if first.sequential and other.sequential is not None
    ]


def _edges(lengths: Sequence[float]) -> list[int]:
    """Where bins of the sorted lengths begin and end: at or soon after equal shares."""
    bins = min(MOST_BINS, len(lengths) // FEWEST_IN_A_BIN)
    edges = [0]
    for number in range(1, bins):
        earliest = max(round(number * len(lengths) / bins), edges[-1] + FEWEST_IN_A_BIN)
        places = range(earliest, len(lengths) - FEWEST_IN_A_BIN + 1)
        edges += [place for place in places if lengths[place - 1] < lengths[place]][:1]
    return [*edges, len(lengths)]
