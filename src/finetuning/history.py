"""What a training leaves beside its model: how it was made, and how the loss fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..utils.atomic import write_bytes, write_json

HISTORY, CURVE = "training.json", "training_curve.png"
DARK, INK, FAINT = "#2b5c8a", "#1c2430", "#5a6572"

Entries = Sequence[Mapping[str, Any]]
"""The trainer's log: of each step that was logged, its number and what was measured."""


def write_history(
    folder: Path,
    settings: Mapping[str, Any],
    samples: Mapping[str, Any],
    metrics: Mapping[str, float],
    entries: Entries,
) -> None:
    """Write training.json and, if any loss was logged, training_curve.png into `folder`."""
    if losses(entries, "loss") or losses(entries, "eval_loss"):
        write_bytes(folder / CURVE, draw_curve(entries))
    told = {"settings": dict(settings), "samples": dict(samples), "metrics": dict(metrics)}
    write_json(folder / HISTORY, told | {"history": list(entries)})


def losses(entries: Entries, name: str) -> list[tuple[int, float]]:
    """(step, loss a trained token) of the entries that have it."""
    return [(int(entry["step"]), float(entry[name])) for entry in entries if name in entry]


def draw_curve(entries: Entries) -> bytes:
    """A PNG of the loss of training, and of the evaluations where there were any."""
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    for name, label, line, color in (
        ("loss", "training", "-", DARK),
        ("eval_loss", "evaluation", "o--", INK),
    ):
        if found := losses(entries, name):
            steps, values = zip(*found, strict=True)
            axes.plot(steps, values, line, label=label, color=color, lw=1.2, ms=4)
    axes.set_yscale("log")
    axes.set_xlabel("step", color=FAINT, fontsize=9)
    axes.set_ylabel("loss a trained token", color=FAINT, fontsize=9)
    axes.tick_params(labelsize=8, colors=FAINT, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
