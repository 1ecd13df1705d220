"""A training that is killed, and one in several processes, beside one that is neither."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import datasets
import pytest
from sprint.finetuning import training
from sprint.finetuning.config import Order, Presentation
from sprint.finetuning.history import HISTORY
from sprint.finetuning.run_folder import open_run, software_of
from sprint.finetuning.training import train
from sprint.utils.config import replace
from sprint.utils.errors import InputError
from sprint.utils.files import run_record
from sprint.utils.files.locks import locked
from sprint.utils.files.run_record import software
from support import finetuning, float32_run
from support.finetuning import (
    checkpoint_of,
    distance,
    flags_of,
    history_of,
    killable_recipe,
    losses_of,
    short_recipe,
    write_checkpoint,
)
from support.limits import PROCESS_PATIENCE


def zero_the_middle(path: Path) -> None:
    """As a block of the disk that was lost: the file still opens."""
    content = path.read_bytes()
    third = len(content) // 3
    path.write_bytes(content[:third] + bytes(third) + content[2 * third :])


def kill_at(step: int, sampling: Order, data: Path, model: Path, output: Path) -> None:
    command = [sys.executable, finetuning.__file__, data, model, output, str(step), sampling]
    died = subprocess.run(command, check=False, capture_output=True, timeout=PROCESS_PATIENCE)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()


@pytest.mark.parametrize("sampling", get_args(Order))
def test_a_killed_run_resumes_to_the_model_of_one_that_never_was(
    data: Path, model: Path, tmp_path: Path, sampling: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is killed in the middle of its second epoch."""
    monkeypatch.setattr(training, "LOGGING_STEPS", 1)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    recipe = replace(killable_recipe(data, model, whole), sampling=sampling)
    train(recipe)
    kill_at(4, sampling, data, model, killed)
    # As if it had died while it wrote its fourth checkpoint.
    checkpoint_of(killed, 4).mkdir(exist_ok=True)
    (checkpoint_of(killed, 4) / "trainer_state.json").write_text('{"epo')
    zero_the_middle(checkpoint_of(killed, 3) / "optimizer.pt")
    train(replace(recipe, output=killed, resume=True))
    wanted = losses_of(whole)
    assert list(wanted) == [1, 2, 3, 4]
    assert losses_of(killed) == pytest.approx(wanted, rel=1e-4)
    # Of a resumed run the metrics are those of the steps that were left.
    left = (wanted[3] + wanted[4]) / 2
    assert history_of(killed)["metrics"]["train_loss"] == pytest.approx(left, rel=1e-3)
    mean = sum(wanted.values()) / 4
    assert history_of(whole)["metrics"]["train_loss"] == pytest.approx(mean, rel=1e-3)
    assert distance(killed, whole) < 1e-3


def test_the_history_holds_the_last_steps_and_the_software(
    data: Path, model: Path, tmp_path: Path
) -> None:
    train(replace(short_recipe(data, model, tmp_path / "m"), max_steps=3))
    assert list(losses_of(tmp_path / "m")) == [1, 3]
    assert history_of(tmp_path / "m")["settings"]["software"] == [software()]


def test_other_rows_under_the_same_path_are_refused(
    data: Path, model: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "data"
    shutil.copytree(data, mine)
    kill_at(2, "random", mine, model, tmp_path / "m")
    rows = datasets.load_from_disk(str(mine))
    other = rows.map(lambda row: row | {"trajectory": row["trajectory"].replace("26", "27")})
    other.save_to_disk(tmp_path / "other")
    shutil.rmtree(mine)
    (tmp_path / "other").rename(mine)
    with pytest.raises(InputError, match=r"started with other settings \(rows.train was"):
        train(replace(killable_recipe(mine, model, tmp_path / "m"), resume=True))


def test_a_run_is_resumed_under_another_commit_and_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = ({"version": "1.2", "commit": name * 40, "changed": True} for name in "ab")
    monkeypatch.setattr(run_record, "software", lambda: first)
    open_run(tmp_path, {"a": 1}, resume=False)
    checkpoint = write_checkpoint(checkpoint_of(tmp_path, 2).parent, 2)
    assert software_of(tmp_path) == [first]
    monkeypatch.setattr(run_record, "software", lambda: second)
    for _ in range(2):
        assert open_run(tmp_path, {"a": 1}, resume=True) == checkpoint
    assert software_of(tmp_path) == [first, second]


def test_two_runs_into_one_folder_are_refused(data: Path, model: Path, tmp_path: Path) -> None:
    output = tmp_path / "m"
    with (
        locked(output.with_name(".m.lock"), "it"),
        pytest.raises(InputError, match=r"Another run is working on .*m: "),
    ):
        train(short_recipe(data, model, output))


def test_a_run_is_resumed_with_its_own_settings(data: Path, model: Path, tmp_path: Path) -> None:
    recipe = killable_recipe(data, model, tmp_path)
    kill_at(2, "random", data, model, tmp_path)
    with pytest.raises(InputError, match=r"\(learning_rate was 0.01 and is now 1.0\): resume"):
        train(replace(recipe, resume=True, learning_rate=1.0))
    with pytest.raises(InputError, match="checkpoints of an earlier run: add --resume"):
        train(recipe)


def test_a_trained_model_is_not_overwritten(data: Path, model: Path, tmp_path: Path) -> None:
    (tmp_path / HISTORY).write_text("{}")
    for resume in (True, False):
        with pytest.raises(
            InputError, match="contains a fully trained model: choose another --output"
        ):
            train(replace(short_recipe(data, model, tmp_path), resume=resume))


def test_nothing_to_resume_from_is_told(data: Path, model: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no complete checkpoint to resume from"):
        train(replace(short_recipe(data, model, tmp_path), resume=True))


def test_checkpoints_come_with_evaluations(data: Path, model: Path, tmp_path: Path) -> None:
    recipe = replace(short_recipe(data, model, tmp_path), eval_steps=2, save_steps=3)
    with pytest.raises(InputError, match="set --save_steps to a multiple"):
        train(recipe)


@pytest.mark.parametrize(
    ("presentation", "samples"), [("trie", 2), ("per_call", 14), ("per_call", 6)]
)
def test_two_processes_have_the_loss_of_one_with_the_same_global_batch(
    data: Path, model: Path, tmp_path: Path, presentation: Presentation, samples: int
) -> None:
    """The ranks hold different numbers of trained tokens, over which losses have to be weighted."""
    together, apart = tmp_path / "together", tmp_path / "apart"
    # Seven calls to test on: in two processes, or batches of six, some rows fill up the last one.
    recipe = replace(
        short_recipe(data, model, together),
        presentation=presentation,
        batch_size=samples,
        eval_steps=1,
    )
    train(recipe)
    launch = [
        sys.executable,
        *["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"],
    ]
    flags = flags_of(replace(recipe, output=apart, batch_size=samples // 2))
    launched = subprocess.run(
        [*launch, float32_run.__file__, *flags],
        check=False,
        capture_output=True,
        timeout=PROCESS_PATIENCE,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert launched.returncode == 0, launched.stderr.decode()[-3000:]
    one, two = history_of(together), history_of(apart)
    assert (one["settings"]["processes"], two["settings"]["processes"]) == (1, 2)
    assert two["metrics"]["trained_tokens"] == one["metrics"]["trained_tokens"]
    assert two["metrics"]["train_loss"] == pytest.approx(one["metrics"]["train_loss"], rel=1e-5)
    evaluated = [
        [entry["eval_loss"] for entry in found["history"] if "eval_loss" in entry]
        for found in (one, two)
    ]
    assert len(evaluated[0]) == 2
    assert evaluated[1] == pytest.approx(evaluated[0], rel=1e-4)
    assert distance(apart, together) < 1e-3
