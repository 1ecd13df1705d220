from __future__ import annotations

import json
from pathlib import Path

from sprint.finetuning.history import CURVE, HISTORY, Best, losses, write_history

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
    write_history(
        tmp_path,
        {"command": "finetune", "seed": 0},
        {"seed": 0},
        {"train": {}},
        {"trained_tokens": 536},
        ENTRIES,
        Best(2, 2.5),
    )
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
    write_history(tmp_path, {}, {}, {}, {}, [])
    assert [path.name for path in tmp_path.iterdir()] == [HISTORY]
