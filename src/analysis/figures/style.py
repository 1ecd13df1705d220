"""The style of all figures: sizes, fonts, and markers that are distinguishable in grey."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure

from ..compare.bootstrap import Interval, difference_of_means

INK, FAINT, RULE = "#1c2430", "#5a6572", "#d5dae0"
WIDTH, HEIGHT = 4.6, 3.1
"""Inches: one and a half columns of a paper."""

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.labelsize": 8.5,
    "axes.titlesize": 9.0,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.5,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.3,
    "lines.markersize": 5.5,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.hashsalt": "sprint",
    "text.usetex": False,
    # A dollar sign in a method's name does not start mathematics.
    "text.parse_math": False,
}


class Mark(NamedTuple):
    """The style of a method in all figures."""

    colour: str
    marker: str
    dashes: str | tuple[int, tuple[int, ...]]
    hatch: str


_COLOURS = ("#1f4e79", "#b5651d", "#3f9b6c", "#b48fce", "#7fb2d9", "#d8b400", "#8c2f4d")
"""The first ones get lighter one by one, so that they are also distinguishable in grey print."""
_SHAPES: tuple[tuple[str, str | tuple[int, tuple[int, ...]], str], ...] = (
    ("o", "-", ""),
    ("s", "--", "///"),
    ("D", "-.", "..."),
    ("^", ":", "xxx"),
    ("v", (0, (5, 1, 1, 1)), "\\\\\\"),
    ("P", (0, (1, 1)), "+++"),
    ("*", (0, (8, 2)), "|||"),
    ("<", (0, (3, 1)), "---"),
    ("X", (0, (8, 2, 2, 2)), "ooo"),
    (">", (0, (6, 1, 1, 1, 1, 1)), "***"),
    ("d", (0, (2, 2)), "//.."),
    ("p", (0, (1, 3)), "\\\\||"),
)
"""Marker, dashes and hatch. Twelve are distinguishable without any colour."""


def mark(number: int) -> Mark:
    """The marker of a method by its position; 7 colours and 12 shapes give 84 combinations."""
    return Mark(_COLOURS[number % len(_COLOURS)], *_SHAPES[number % len(_SHAPES)])


@contextmanager
def paper_style() -> Iterator[None]:
    """A context in which the user's own matplotlib settings do not affect the figures."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


def new_figure(rows: int = 1, height: float = HEIGHT) -> tuple[Figure, list[Any]]:
    """A figure with `rows` axes, one below the other, with a shared x axis."""
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(rows, 1, sharex=True, squeeze=False)
    return figure, [one[0] for one in axes]


MOST_NAMES_INSIDE = 4
LINE = 0.17
"""Inches per legend line."""


def add_legend(figure: Figure, axes: Any, place: str) -> None:
    """The names at that place in the axes, or below all axes if there are many."""
    handles, names = axes.get_legend_handles_labels()
    if len(names) <= MOST_NAMES_INSIDE:
        axes.legend(loc=place)
    else:
        figure.set_figheight(figure.get_figheight() + LINE * math.ceil(len(names) / 2))
        figure.legend(handles, names, loc="outside lower center", ncols=2)


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The mean of values and its 95 % bootstrap interval; None without values."""
    return difference_of_means([(0.0, value) for value in values])


def bars(interval: Interval, scale: float = 1.0) -> list[list[float]]:
    """An interval as error bars for matplotlib: below and above the value."""
    return [
        [scale * max(0.0, interval.value - interval.low)],
        [scale * max(0.0, interval.high - interval.value)],
    ]


def draw_bars(axes: Any, x: float, y: float, colour: str, **lengths: Sequence[object]) -> None:
    """Error bars at a point: `xerr` and `yerr`, as `bars` gives them."""
    axes.errorbar(x, y, fmt="none", ecolor=colour, elinewidth=0.8, capsize=2, zorder=2, **lengths)


def short(name: str, most: int = 28) -> str:
    return name if len(name) <= most else f"…{name[1 - most :]}"
