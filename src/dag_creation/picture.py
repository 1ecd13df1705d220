"""The picture of a DAG: phases as rows, components with an execution filled."""

from __future__ import annotations

from collections.abc import Collection
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from ..utils.curation.dag import assign_phases

FILL, EDGE, ARROW = "#cfe3f5", "#2b5c8a", "#7f8c99"
ROW = 1.5
"""Distance between rows, where 1 is the distance between neighbours in a row."""


def draw_dag(parents: dict[int, list[int]], executed: Collection[int]) -> bytes:
    """A PNG. `executed` are the components that have an execution; the others are drawn hollow."""
    phases = assign_phases(parents, set(parents) - set(executed))
    rows = [[n for n in phases if phases[n] == row] for row in range(1, max(phases.values()) + 1)]
    width = max(map(len, rows))
    places = {
        component: (place - (len(row) - 1) / 2, -ROW * depth)
        for depth, row in enumerate(rows)
        for place, component in enumerate(row)
    }
    figure = Figure(figsize=(1.6 + 0.8 * width, 0.6 + 1.1 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for child, listed in parents.items():
        for parent in listed:
            _draw_arrow(axes, places[parent], places[child])
    for component, (x, y) in places.items():
        face = FILL if component in executed else "white"
        axes.plot(x, y, "o", ms=22, mfc=face, mec=EDGE, zorder=2)
        axes.text(x, y, str(component), ha="center", va="center", fontsize=10, zorder=3)
    for depth in range(len(rows)):
        axes.text(-width / 2 - 0.4, -ROW * depth, f"phase {depth + 1}", ha="right", va="center")
    axes.set_xlim(-width / 2 - 1.6, width / 2 + 0.2)
    axes.set_ylim(-ROW * (len(rows) - 1) - 0.8, 0.8)
    axes.set_axis_off()
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def _draw_arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow from parent to child, bent where it would run through other components."""
    straight = start[1] - end[1] == ROW or (start[1] == end[1] and abs(start[0] - end[0]) == 1)
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=12,
            shrinkA=12,
            shrinkB=12,
            color=ARROW,
            connectionstyle=f"arc3,rad={0 if straight else 0.25}",
            zorder=1,
        )
    )
