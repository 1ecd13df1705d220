"""The best checkpoint of a run that is resumed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from sprint.finetuning.checkpoints import BestSaved
from sprint.finetuning.manifest import write_manifest
from support.finetuning import write_checkpoint
from transformers import TrainerState


def resumed(folder: Path, best: int, step: int) -> TrainerState:
    """The state with which a run goes on that began in another folder."""
    state = TrainerState(
        global_step=step,
        best_global_step=best,
        best_metric=0.5,
        best_model_checkpoint=f"/elsewhere/checkpoint-{best}",
    )
    BestSaved().on_train_begin(SimpleNamespace(output_dir=str(folder)), state, None)
    return state


@pytest.mark.parametrize("step", [2, 4])
def test_a_moved_run_still_knows_its_best(tmp_path: Path, step: int) -> None:
    best = write_checkpoint(tmp_path, 2)
    state = resumed(tmp_path, 2, step)
    assert (state.best_model_checkpoint, state.best_metric) == (str(best), 0.5)


def test_a_damaged_best_is_forgotten_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    best = write_checkpoint(tmp_path, 2)
    write_manifest(best)
    weights = best / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + bytes(4))
    state = resumed(tmp_path, 2, 4)
    assert (state.best_model_checkpoint, state.best_metric) == (None, None)
    (message,) = caplog.messages
    assert f"Ignoring the best checkpoint {best}: model.safetensors is damaged" in message


def test_a_best_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    assert resumed(tmp_path, 2, 4).best_global_step is None
