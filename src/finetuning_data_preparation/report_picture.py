"""curation_report.png: the distributions of components, DAGs, phases and savings."""

from __future__ import annotations

from collections import Counter
from functools import partial
from io import BytesIO
from math import floor

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .curation_report import FinalReport
from .report_text import panels
from .row_statistics import Distribution

BARS = 30
"""Maximum bars in one panel; bars get wider if there are more values."""
KEPT, DROPPED, INK, FAINT = "#2b5c8a", "white", "#1c2430", "#5a6572"
"""Dark, and white with stripes: distinguishable without colour."""


def draw_report(final: FinalReport) -> bytes:
    """A PNG with one panel per distribution; kept rows are dark, dropped ones striped on top."""
    shown = panels(final)
    lines = -(-len(shown) // 3)
    figure = Figure(figsize=(10.5, 0.2 + 3 * lines), layout="constrained")
    report, config = final.report, final.settings.config
    limits = {"ratio": config.parallelization_threshold, "phases": config.max_phases - 0.5}
    grid = figure.subplots(lines, min(3, len(shown)), squeeze=False).flat
    for axes, (name, title) in zip(grid, shown.items(), strict=True):
        found = report.distributions[name]
        # Savings are known only for kept rows, so this panel shows no dropped rows.
        _draw_bars(axes, found["kept"], found.get("packed", found["kept"]))
        axes.set_title(title, fontsize=10, color=INK, loc="left")
        if name in limits:
            axes.axvline(limits[name], color=INK, lw=1, ls="--")
    first = figure.axes[0]
    first.set_ylabel("rows", color=FAINT, fontsize=9)
    if report.read:
        # With a white outline, because it may lie on dark bars.
        first.legend(fontsize=8, facecolor="white", edgecolor="none", framealpha=0.9)
    figure.suptitle(
        f"{report.kept} of {report.read} rows kept (dashed: the limits of the filters)",
        fontsize=11,
        color=INK,
    )
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def _draw_bars(axes: Axes, kept: Distribution, packed: Distribution) -> None:
    values = {*kept.counts, *packed.counts}
    width = _bar_width(values)
    below = _binned(kept, width)
    above = _binned(packed, width)
    above.subtract(below)
    places = sorted({*below, *above})
    solid = [below[place] for place in places]
    striped = [above[place] for place in places]
    middles = [place * width for place in places]
    bar = partial(axes.bar, middles, width=0.9 * width, edgecolor=KEPT, linewidth=0.6)
    bar(solid, color=KEPT, label="kept")
    bar(striped, bottom=solid, color=DROPPED, hatch="////", label="dropped")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, colors=FAINT)
    # One tick is enough: with two, a single value would get fractional ticks.
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=_are_whole(values), min_n_ticks=1))


def _are_whole(values: set[float]) -> bool:
    return all(value == int(value) for value in values)


def _bar_width(values: set[float]) -> float:
    """1 for integers and 0.25 for others, doubled until there are few enough bars."""
    width = 1.0 if _are_whole(values) else 0.25
    while values and (max(values) - min(values)) / width > BARS:
        width *= 2
    return width


def _binned(distribution: Distribution, width: float) -> Counter[int]:
    """Counts by the nearest multiple of the width."""
    binned = Counter[int]()
    for value, count in distribution.counts.items():
        binned[floor(value / width + 0.5)] += count
    return binned
