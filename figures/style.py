"""What both pictures share: a canvas, three type sizes and the colours of the parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from PIL import Image

DPI = 240
COLOURS = 96
UNITS_PER_INCH = 100
"""A unit of the canvas is a pixel of a README that shows the picture 900 pixels wide."""

SMALL, BODY, TITLE = 9.0, 10.0, 11.5
"""Type sizes in points."""

INK, FAINT, RULE, PAPER = "#1c2430", "#5a6572", "#b9c1ca", "#f6f7f9"

FONTS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.monospace": ["DejaVu Sans Mono"],
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "text.hinting": "none",
    "path.sketch": None,
}
"""Fonts that come with matplotlib, so that the pictures are the same on every machine."""


@dataclass(frozen=True)
class Part:
    """How a part of a component looks. The fills differ in lightness, so that grey print works."""

    fill: str
    edge: str
    dashes: str = "-"


PLAN = Part("#c3daf3", "#2b5c8a")
PROMPT = Part("#fff1bf", "#9a7400")
EXECUTION = Part("#86c29b", "#22633b")
COMMENT = Part("#e6d9ef", "#6b4a86", "--")
NEUTRAL = Part("white", FAINT)


class Canvas:
    """A white page measured in units, with x to the right and y downwards from the top left."""

    def __init__(self, width: float, height: float) -> None:
        size = (width / UNITS_PER_INCH, height / UNITS_PER_INCH)
        self.figure = Figure(figsize=size, dpi=DPI, facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, width)
        self.axes.set_ylim(height, 0)
        self.axes.set_axis_off()

    def save(self, path: Path) -> None:
        """Write a PNG of few colours (a third of the size, for eyes the same), without a date."""
        agg = FigureCanvasAgg(self.figure)
        agg.draw()
        picture = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
        small = picture.quantize(COLOURS, dither=Image.Dither.NONE)
        small.save(path, format="PNG", optimize=True, dpi=(DPI, DPI))

    def text(self, x: float, y: float, text: str, *, size: float = SMALL, **style: Any) -> None:
        """Write text; `x`, `y` is the middle of its left edge unless `ha` or `va` say otherwise."""
        options: dict[str, Any] = {
            "ha": "left",
            "va": "center_baseline",
            "color": INK,
            "zorder": 5,
            **style,
        }
        self.axes.text(x, y, text, fontsize=size, **options)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        part: Part = NEUTRAL,
        label: str = "",
        *,
        radius: float = 3,
        lw: float = 0.9,
        zorder: float = 3,
        **style: Any,
    ) -> None:
        """A rounded box in the colours of `part` with a label in its middle."""
        self.axes.add_patch(
            FancyBboxPatch(
                (x, y),
                width,
                height,
                boxstyle=f"round,pad=0,rounding_size={radius}",
                facecolor=part.fill,
                edgecolor=part.edge,
                linestyle=part.dashes,
                linewidth=lw,
                zorder=zorder,
            )
        )
        if label:
            self.text(x + width / 2, y + height / 2, label, ha="center", **style)

    def panel(
        self, x: float, y: float, width: float, height: float, number: int, title: str
    ) -> None:
        """A framed part of the page with a numbered title."""
        self.box(x, y, width, height, Part(PAPER, RULE), radius=6, zorder=0)
        self.badge(x + 17, y + 17, str(number))
        self.text(x + 32, y + 17, title, size=TITLE, weight="bold")

    def badge(self, x: float, y: float, label: str) -> None:
        """A dark disc with a number."""
        self.disc(x, y, 9, Part(INK, INK), label, color="white")

    def disc(self, x: float, y: float, radius: float, part: Part, label: str, **style: Any) -> None:
        """A disc around `x`, `y` with a bold label."""
        patch = Circle((x, y), radius, facecolor=part.fill, edgecolor=part.edge, lw=0.9, zorder=7)
        self.axes.add_patch(patch)
        self.text(x, y, label, ha="center", **{"weight": "bold", "zorder": 8, **style})

    def line(self, xs: Sequence[float], ys: Sequence[float], **style: Any) -> None:
        """A line through points."""
        options: dict[str, Any] = {
            "color": INK,
            "lw": 1.0,
            "solid_capstyle": "butt",
            "zorder": 2,
            **style,
        }
        self.axes.plot(xs, ys, **options)

    def arrow(
        self, start: tuple[float, float], end: tuple[float, float], *, head: float = 9, **style: Any
    ) -> None:
        """An arrow whose tip touches `end`."""
        options: dict[str, Any] = {
            "color": INK,
            "lw": 1.1,
            "zorder": 2,
            "shrinkA": 0,
            "shrinkB": 0,
            **style,
        }
        self.axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=head, **options)
        )


@contextmanager
def fixed_style() -> Iterator[None]:
    """A context in which no setting of the user's own matplotlib changes the pictures."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(FONTS)
        yield
