"""The training record saved with a model: how it was trained, and its losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ..utils.config import RECORD
from ..utils.files.atomic import write_bytes, write_json
from .tag_tokens import TagTokens

HISTORY, CURVE = "training.json", "training_curve.png"
FEW = 10
"""Up to this many points, a line marks each of them."""
DARK, INK, FAINT = "#2b5c8a", "#1c2430", "#5a6572"

Entries = Sequence[Mapping[str, Any]]
"""The trainer's log: the number and the metrics of each logged step."""


class Best(NamedTuple):
    """An evaluation; its loss is per trained token."""

    step: int
    eval_loss: float


@dataclass(frozen=True)
class Training:
    """A finished training: how, on what (`samples`, the counts of each split), and the losses.

    `configuration` can be passed to --config; `settings` are those of the training.
    `best` is the evaluation whose model was kept, None if the last one was; `repairs` has a
    sentence for each repair of the base model. `prompt` as in prompt.txt. `tag_tokens`: the
    tags that were made single tokens, if any.
    """

    configuration: Mapping[str, Any]
    settings: Mapping[str, Any]
    samples: Mapping[str, Any]
    metrics: Mapping[str, float]
    entries: Entries
    best: Best | None = None
    repairs: Sequence[str] = ()
    prompt: str = ""
    tag_tokens: TagTokens | None = None


def write_history(folder: Path, training: Training) -> None:
    """Write training.json and, if any loss was logged, training_curve.png into `folder`."""
    entries, best = training.entries, training.best
    told: dict[str, Any] = {
        RECORD: dict(training.configuration),
        "settings": dict(training.settings),
        "samples": dict(training.samples),
        "metrics": dict(training.metrics),
    }
    told |= {"repairs": list(training.repairs)} if training.repairs else {}
    told |= {"tag_tokens": asdict(training.tag_tokens)} if training.tag_tokens else {}
    kept = {"best": best._asdict() if best else None}
    write_json(folder / HISTORY, told | kept | {"history": list(entries)})
    if losses(entries, "loss") or losses(entries, "eval_loss"):
        write_bytes(folder / CURVE, draw_curve(entries))


def losses(entries: Entries, name: str) -> list[tuple[int, float]]:
    """(step, loss per trained token) of the entries that have it."""
    return [(int(entry["step"]), float(entry[name])) for entry in entries if name in entry]


def draw_curve(entries: Entries) -> bytes:
    """A PNG of the training loss, and of the evaluation loss if there is one."""
    figure = Figure(figsize=(6.4, 3.8), layout="constrained")
    axes = figure.subplots()
    for name, label, line, color in (
        ("loss", "training", "-", DARK),
        ("eval_loss", "evaluation", "o--", INK),
    ):
        if found := losses(entries, name):
            steps, values = zip(*found, strict=True)
            # A short line is drawn with its points: a single point has no line.
            shown = line if len(found) > FEW or "o" in line else f"{line}o"
            axes.plot(steps, values, shown, label=label, color=color, lw=1.2, ms=4)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axes.set_xlabel("step", color=FAINT, fontsize=9)
    axes.set_ylabel("loss a trained token", color=FAINT, fontsize=9)
    axes.tick_params(labelsize=8, colors=FAINT, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()
