"""All figures of some methods, and how they become files."""

from __future__ import annotations

import io
from collections.abc import Sequence

from matplotlib.figure import Figure

from ..compare.methods import MethodResults, by_dataset
from .accuracy import draw_accuracy
from .phases import draw_phases
from .reduction import draw_reduction
from .style import paper_style

FORMATS = ("png", "pdf", "svg")


def draw_figures(methods: Sequence[MethodResults]) -> dict[str, Figure]:
    """The figures that can be drawn of these methods, by name."""
    groups = by_dataset(methods)
    figures: dict[str, Figure] = {}
    for dataset, group in groups.items():
        drawn = {
            "accuracy_tokens": draw_accuracy(group),
            "token_reduction": draw_reduction(group[0], group[1:]),
            "phases": draw_phases(group),
        }
        prefix = f"{dataset}_" if len(groups) > 1 else ""
        figures |= {f"{prefix}{name}": one for name, one in drawn.items() if one is not None}
    return figures


def to_bytes(figure: Figure, kind: str) -> bytes:
    """The figure as a file of that kind, without a date: the same results give the same file."""
    file = io.BytesIO()
    dates = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with paper_style():
        figure.savefig(file, format=kind, metadata=dates[kind])
    return file.getvalue()
