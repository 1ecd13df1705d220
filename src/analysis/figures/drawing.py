"""Draws all figures for some methods and writes them to files."""

from __future__ import annotations

import io
import logging
from collections.abc import Sequence

from matplotlib.figure import Figure

from ..compare.outcomes import MethodResults, by_dataset
from .accuracy import draw_accuracy, left_out_of_accuracy
from .phases import draw_phases, left_out_of_phases
from .reduction import draw_reduction, left_out_of_reduction
from .style import paper_style

log = logging.getLogger(__name__)


def draw_figures(methods: Sequence[MethodResults]) -> dict[str, Figure]:
    """The figures that can be drawn for these methods, by name.

    Warns about each method that a figure leaves out.
    """
    groups = by_dataset(methods)
    figures: dict[str, Figure] = {}
    for dataset, group in groups.items():
        first, others = group[0], group[1:]
        drawn = {
            "accuracy_tokens": (draw_accuracy(group), left_out_of_accuracy(group)),
            "token_reduction": (
                draw_reduction(first, others),
                left_out_of_reduction(first, others),
            ),
            "phases": (draw_phases(group), left_out_of_phases(group)),
        }
        prefix = f"{dataset}_" if len(groups) > 1 else ""
        for name, (figure, left_out) in drawn.items():
            if figure is not None:
                figures[f"{prefix}{name}"] = figure
            for method, reason in left_out.items():
                log.warning("%s%s leaves out %s: %s.", prefix, name, method, reason)
    return figures


def to_bytes(figure: Figure, kind: str) -> bytes:
    """The figure as a file of that kind, without a date: the same results give the same file."""
    file = io.BytesIO()
    dates = {"png": {"Software": None}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with paper_style():
        figure.savefig(file, format=kind, metadata=dates[kind])
    return file.getvalue()
