"""What is refused before a training costs anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from sprint.finetuning.checks import require_new_place, require_rows
from sprint.finetuning.config import FinetuneConfig
from sprint.finetuning.training import expected_saves
from sprint.utils.errors import InputError


def test_each_process_needs_a_sample() -> None:
    require_rows(2, 2)
    with pytest.raises(InputError, match=r"2 samples for 3 processes: start at most 2"):
        require_rows(2, 3)


@pytest.mark.parametrize(
    ("output", "reason"),
    [("base", "the base model itself"), ("rows", "the data itself"), ("/", "not the root")],
)
def test_the_model_takes_no_other_place(tmp_path: Path, output: str, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        require_new_place(str(tmp_path / "base"), tmp_path / "rows", tmp_path / output)


@pytest.mark.parametrize(
    ("steps", "saves"),
    [
        ({"eval_steps": 0}, 0),
        ({"eval_steps": 2, "max_steps": 5}, 3),
        ({"eval_steps": 2, "save_steps": 4, "max_steps": 5}, 2),
        # 10 rows in 2 processes: 5 batches an epoch, which make 3 steps.
        ({"eval_steps": 1, "epochs": 2, "gradient_accumulation": 2}, 6),
    ],
)
def test_the_number_of_checkpoints(steps: dict[str, int], saves: int) -> None:
    recipe = FinetuneConfig(model="m", data=Path("d"), output=Path("o"), **steps)
    assert expected_saves(recipe, 10, 2) == saves
