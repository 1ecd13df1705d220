"""The picture of a DAG: phases as rows, components with an execution filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path

from ..utils.records import ParentDict
from .picture_layout import Node, PictureLayout, lay_out, rows_of, without_detours

FILL, EDGE, ARROW, BAND, INK = "#a9cbea", "#2b5c8a", "#66727e", "#f1f3f5", "#1c2430"
INCH = 0.62
"""Inches per unit; a unit is the room for a component in its row."""
PHASE, STEP = 1.5, 1.05
"""Units between rows of different phases, and between rows of the same phase."""
RADIUS = 0.3
LABEL, MARGIN = 1.7, 0.9
MOST_EDGES = 150
"""Beyond this a picture is a tangle and takes minutes to draw."""


def draw_dag(
    parents: ParentDict, phases: Mapping[int, int], executed: Collection[int], note: str = ""
) -> bytes:
    """A PNG. `executed` are the components with an execution; the others are drawn hollow.

    `note` is stored in its metadata and records how it was made. With more than `MOST_EDGES` edges,
    those implied by others are left out, and the picture says so.

    A phase is a band. Plan-only components are above the components of the phase that need them.
    """
    rows = rows_of(parents, phases)
    phase_of_row = {row: phases[component] for component, row in rows.items()}
    heights = _heights(phase_of_row)
    is_crowded = sum(map(len, parents.values())) > MOST_EDGES
    layout = lay_out(without_detours(parents) if is_crowded else parents, rows)
    left, right = min(layout.x.values()) - MARGIN, max(layout.x.values()) + MARGIN
    bottom = heights[max(heights)] - MARGIN - 0.4
    size = (INCH * (right - left + LABEL), INCH * (MARGIN - bottom))
    figure = Figure(figsize=size)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(left - LABEL, right)
    axes.set_ylim(bottom, MARGIN)
    axes.set_axis_off()
    _draw_bands(axes, phase_of_row, heights)
    for above, below in layout.ways:
        _draw_way(axes, layout, heights, above, below)
    for component, row in rows.items():
        x, y = layout.x[Node(component, row)], heights[row]
        face = FILL if component in executed else "white"
        points = 2 * RADIUS * INCH * 72
        axes.plot(x, y, "o", ms=points, mfc=face, mec=EDGE, zorder=3)
        axes.text(x, y, str(component), ha="center", va="center_baseline", fontsize=9, zorder=4)
    key = "filled: with execution; hollow: plan only"
    if is_crowded:
        key += "; edges implied by others are left out"
    axes.text(left - LABEL + 0.2, bottom + 0.25, key, fontsize=7, color=ARROW)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=120, metadata={"Description": note})
    return buffer.getvalue()


def _heights(phase_of_row: dict[int, int]) -> dict[int, float]:
    """The y of each row, downwards from 0."""
    heights = {0: 0.0}
    for row in range(1, len(phase_of_row)):
        same = phase_of_row[row] == phase_of_row[row - 1]
        heights[row] = heights[row - 1] - (STEP if same else PHASE)
    return heights


def _draw_bands(axes: Axes, phase_of_row: dict[int, int], heights: dict[int, float]) -> None:
    """A band behind the rows of every second phase, and the name of each phase next to it."""
    for phase in sorted(set(phase_of_row.values())):
        inside = [heights[row] for row, its in phase_of_row.items() if its == phase]
        if phase % 2:
            axes.axhspan(min(inside) - PHASE / 2, max(inside) + PHASE / 2, color=BAND, lw=0)
        middle = (min(inside) + max(inside)) / 2
        x = axes.get_xlim()[0] + 0.2
        axes.text(x, middle, f"phase {phase}", ha="left", va="center", fontsize=9, color=INK)


def _draw_way(
    axes: Axes, layout: PictureLayout, heights: dict[int, float], above: Node, below: Node
) -> None:
    """A piece of an edge, vertical at both ends, with its arrowhead at the child."""
    start, end = heights[above.row], heights[below.row]
    if not above.passes:
        start -= RADIUS
    if not below.passes:
        end += RADIUS
    middle = (start + end) / 2
    left, right = layout.x[above], layout.x[below]
    points = [(left, start), (left, middle), (right, middle), (right, end)]
    curve = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    style = "-" if below.passes else "-|>"
    axes.add_patch(
        FancyArrowPatch(path=curve, arrowstyle=style, mutation_scale=9, color=ARROW, lw=1, zorder=2)
    )
