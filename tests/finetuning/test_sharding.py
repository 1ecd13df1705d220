"""The configurations for several GPUs, on CPUs: two processes of which each holds half a model."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sprint.finetuning import tag_tokens, training
from sprint.finetuning.config import FinetuneConfig
from sprint.finetuning.run_folder import checkpoints_folder
from sprint.finetuning.training import SAMPLES, train
from sprint.utils.config import replace
from support import sharded
from support.finetuning import distance, flags_of, history_of, losses_of, short_recipe
from support.limits import PROCESS_PATIENCE
from transformers import AutoTokenizer

CONFIGURATIONS = Path(training.__file__).parent

without_deepspeed = pytest.mark.skipif(
    importlib.util.find_spec("deepspeed") is None,
    reason="DeepSpeed is not installed: see requirements-gpu.txt",
)


def train_sharded(recipe: FinetuneConfig, sharding: str) -> None:
    config = CONFIGURATIONS / f"{sharding}.yaml"
    launch = ["-m", "accelerate.commands.accelerate_cli", "launch", "--config_file", str(config)]
    options = ["--num_processes", "2", "--mixed_precision", "no", sharded.__file__]
    done = subprocess.run(
        [sys.executable, *launch, *options, *flags_of(recipe)],
        check=False,
        capture_output=True,
        timeout=PROCESS_PATIENCE,
        env=os.environ | {"OMP_NUM_THREADS": "1", "DS_ACCELERATOR": "cpu"},
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]


@pytest.mark.parametrize("sharding", ["fsdp2", pytest.param("zero3", marks=without_deepspeed)])
def test_a_shared_model_is_trained_resumed_and_saved_as_one_that_is_not(
    data: Path,
    model: Path,
    tmp_path: Path,
    sharding: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(training, "LOGGING_STEPS", 1)
    monkeypatch.setattr(tag_tokens, "FEWEST", 1)
    base = tmp_path / "base"
    shutil.copytree(model, base)
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.add_special_tokens({"pad_token": "[PAD]"})  # beyond the embeddings
    tokenizer.save_pretrained(base)
    recipe = replace(
        short_recipe(data, base, tmp_path / "one"),
        presentation="trie",
        max_steps=3,
        eval_steps=1,
        gradient_checkpointing=True,
        tag_tokens="on",
    )
    train(recipe)
    shared = replace(recipe, output=tmp_path / "shared", batch_size=1)
    train_sharded(shared, sharding)
    resumed = replace(shared, output=tmp_path / "resumed", resume=True)
    copied = checkpoints_folder(resumed.output)
    shutil.copytree(checkpoints_folder(shared.output), copied)
    files = (copied / "checkpoint-3").rglob("*")
    share = max((path for path in files if path.is_file()), key=lambda path: path.stat().st_size)
    os.truncate(share, share.stat().st_size // 2)  # so that it goes on behind its second step
    train_sharded(resumed, sharding)

    wanted = losses_of(recipe.output)
    assert list(wanted) == [1, 2, 3]
    for other in (shared, resumed):
        settings = history_of(other.output)["settings"]
        kind = {"fsdp2": "FSDP", "zero3": "DEEPSPEED"}[sharding]
        assert (settings["processes"], settings["distributed"]) == (2, kind)
        assert losses_of(other.output) == pytest.approx(wanted, rel=1e-3)
        assert distance(other.output, recipe.output) < 1e-3
        assert not (checkpoints_folder(other.output) / SAMPLES).exists()
    names = [json.loads((run.output / "config.json").read_text()) for run in (recipe, shared)]
    assert names[0] == names[1]
    sizes = [(run.output / "model.safetensors").stat().st_size for run in (recipe, shared)]
    assert sizes[1] == pytest.approx(sizes[0], rel=0.01)  # in the same precision, nothing twice
