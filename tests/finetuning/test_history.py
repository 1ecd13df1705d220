from __future__ import annotations

import json
from pathlib import Path

from sprint.finetuning.history import CURVE, HISTORY, Best, Training, losses, write_history

ENTRIES = [
    {"step": 1, "loss": 3.0},
    {"step": 2, "eval_loss": 2.5},
    {"step": 2, "loss": 2.0, "learning_rate": 1e-5},
    {"step": 2, "train_loss": 2.5},
]


def test_losses_are_told_apart() -> None:
    assert losses(ENTRIES, "loss") == [(1, 3.0), (2, 2.0)]
    assert losses(ENTRIES, "eval_loss") == [(2, 2.5)]


def test_settings_metrics_and_a_picture(tmp_path: Path) -> None:
    configuration = {"command": "finetune", "seed": 0}
    samples, metrics = {"train": {}}, {"trained_tokens": 536}
    training = Training(configuration, {"seed": 0}, samples, metrics, ENTRIES, Best(2, 2.5))
    write_history(tmp_path, training)
    told = json.loads((tmp_path / HISTORY).read_text())
    assert told == {
        "configuration": {"command": "finetune", "seed": 0},
        "settings": {"seed": 0},
        "samples": {"train": {}},
        "metrics": {"trained_tokens": 536},
        "best": {"step": 2, "eval_loss": 2.5},
        "history": ENTRIES,
    }
    assert (tmp_path / CURVE).read_bytes().startswith(b"\x89PNG")


def test_no_picture_of_nothing(tmp_path: Path) -> None:
    write_history(tmp_path, Training({}, {}, {}, {}, []))
    assert [path.name for path in tmp_path.iterdir()] == [HISTORY]
