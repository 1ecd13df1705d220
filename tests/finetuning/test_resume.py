"""A training that is killed, and one in several processes, beside one that is neither."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from sprint.finetuning.history import HISTORY
from sprint.finetuning.presentations import Presentation
from sprint.finetuning.training import train
from sprint.utils.errors import InputError
from support import finetuning
from support.finetuning import flags_of, killable_recipe, short_recipe, weights

LIMIT = 180


def logged_losses(folder: Path) -> list[float]:
    history = json.loads((folder / HISTORY).read_text())["history"]
    return [entry["loss"] for entry in history if "loss" in entry]


def test_a_killed_run_resumes_to_the_model_of_one_that_never_was(
    data: Path, model: Path, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    train(killable_recipe(data, model, whole))
    command = [sys.executable, finetuning.__file__, data, model, killed, "3"]
    died = subprocess.run(command, check=False, capture_output=True, timeout=LIMIT)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    # As if it had died while it wrote its third checkpoint.
    (killed / "checkpoints" / "checkpoint-3").mkdir()
    (killed / "checkpoints" / "checkpoint-3" / "trainer_state.json").write_text('{"epo')
    train(replace(killable_recipe(data, model, killed), resume=True))
    assert logged_losses(killed) == pytest.approx(logged_losses(whole), rel=1e-4)
    for resumed, wanted in zip(weights(killed), weights(whole), strict=True):
        assert torch.allclose(resumed, wanted, atol=1e-2)


def test_a_run_is_resumed_with_its_own_settings(data: Path, model: Path, tmp_path: Path) -> None:
    recipe = killable_recipe(data, model, tmp_path)
    command = [sys.executable, finetuning.__file__, data, model, tmp_path, "2"]
    assert subprocess.run(command, check=False, timeout=LIMIT).returncode == -signal.SIGKILL
    with pytest.raises(InputError, match=r"\(learning_rate was 0.01 and is now 1.0\): resume"):
        train(replace(recipe, resume=True, learning_rate=1.0))
    with pytest.raises(InputError, match="checkpoints of an earlier run: give --resume"):
        train(recipe)


def test_a_trained_model_is_not_overwritten(data: Path, model: Path, tmp_path: Path) -> None:
    (tmp_path / HISTORY).write_text("{}")
    for resume in (True, False):
        with pytest.raises(InputError, match="trained to its end: choose another --output"):
            train(replace(short_recipe(data, model, tmp_path), resume=resume))


def test_nothing_to_resume_from_is_told(data: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no checkpoint to resume from"):
        train(replace(short_recipe(data, model, tmp_path), resume=True))


def test_checkpoints_come_with_evaluations(data: Path, model: Path, tmp_path: Path) -> None:
    recipe = replace(short_recipe(data, model, tmp_path), eval_steps=2, save_steps=3)
    with pytest.raises(InputError, match="save at a multiple"):
        train(recipe)


@pytest.mark.parametrize(
    ("presentation", "samples"), [("trie", 2), ("per_call", 14), ("per_call", 6)]
)
def test_two_processes_have_the_loss_of_one_with_the_same_global_batch(
    data: Path, model: Path, tmp_path: Path, presentation: Presentation, samples: int
) -> None:
    """The ranks hold different numbers of trained tokens, over which losses have to be weighted."""
    together, apart = tmp_path / "together", tmp_path / "apart"
    recipe = replace(
        short_recipe(data, model, together), presentation=presentation, batch_size=samples
    )
    train(recipe)
    launch = [
        sys.executable,
        *["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"],
    ]
    flags = flags_of(replace(recipe, output=apart, batch_size=samples // 2))
    launched = subprocess.run(
        [*launch, "-m", "sprint.finetuning", *flags],
        check=False,
        capture_output=True,
        timeout=LIMIT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert launched.returncode == 0, launched.stderr.decode()[-3000:]
    one, two = (json.loads((folder / HISTORY).read_text()) for folder in (together, apart))
    assert two["metrics"]["trained_tokens"] == one["metrics"]["trained_tokens"]
    assert two["metrics"]["train_loss"] == pytest.approx(one["metrics"]["train_loss"], rel=1e-5)
    for ours, theirs in zip(weights(apart), weights(together), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-2)
