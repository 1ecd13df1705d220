"""Fine-tuning data and a recipe small enough for a test, and a training that kills itself.

As a command: DATA MODEL OUTPUT STEP SAMPLING trains with a checkpoint at every step, and kills
itself with SIGKILL within that step.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import datasets
import torch
from safetensors.torch import save_file
from sprint.finetuning import training
from sprint.finetuning.config import FinetuneConfig
from sprint.finetuning.history import HISTORY
from sprint.finetuning.run_folder import checkpoints_folder
from sprint.finetuning.trainer import PlainProgress
from sprint.finetuning.training import train
from sprint.utils.config import replace
from sprint.utils.grammar import render
from transformers import AutoModelForCausalLM

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from support.scripts import OTHER_TRAJECTORY, TRAJECTORY


def save_data(folder: Path) -> None:
    """Two trajectories to train on, one to test on: 14 calls, 536 trained tokens, and 7 calls."""
    rows = [
        {
            "question": trajectory.question,
            "thought": "2*3=6, 4*5=20, 6+20=26.",
            "solution": "\\boxed{26}",
            "trajectory": render(trajectory, think=False),
        }
        for trajectory in (TRAJECTORY, OTHER_TRAJECTORY)
    ]
    datasets.DatasetDict(
        {
            "train": datasets.Dataset.from_list(rows),
            "test": datasets.Dataset.from_list(rows[:1]),
        }
    ).save_to_disk(folder)


def write_checkpoint(folder: Path, step: int) -> Path:
    """A whole one as the trainer writes it, of a tiny model, and its path."""
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    save_file({"weight": torch.ones(64)}, path / "model.safetensors")
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        torch.save({"state": torch.ones(64)}, path / name)
    (path / "trainer_state.json").write_text(json.dumps({"global_step": step}))
    return path


def short_recipe(data: Path, model: Path, output: Path) -> FinetuneConfig:
    return FinetuneConfig(
        model=str(model),
        data=data,
        output=output,
        presentation="per_call",
        max_steps=2,
        learning_rate=1e-2,
        warmup=0.0,
        batch_size=2,
        gradient_accumulation=1,
        max_length=2048,
        eval_steps=0,
        gradient_checkpointing=False,
    )


def killable_recipe(data: Path, model: Path, output: Path) -> FinetuneConfig:
    return replace(
        short_recipe(data, model, output),
        presentation="trie",
        max_steps=4,
        warmup=FinetuneConfig.model_fields["warmup"].default,
        batch_size=1,
        save_steps=1,
        gradient_checkpointing=True,
    )


def flags_of(recipe: FinetuneConfig) -> list[str]:
    """The recipe as flags of the stage."""
    flags = list[str]()
    for name, value in recipe.model_dump(exclude_none=True).items():
        if isinstance(value, bool):
            flags += [f"--{name}" if value else f"--no-{name}"] if name != "resume" or value else []
        else:
            flags += [f"--{name}", str(value)]
    return flags


def weights(folder: Path) -> list[torch.Tensor]:
    """The weights of a saved model."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    return [value.detach().float() for value in model.parameters()]


def distance(one: Path, other: Path) -> float:
    """Of the weights of two saved models: the norm of their difference over the norm.

    A weight whose gradient is nearly zero moves by the learning rate, in a direction that the order
    of a sum decides, so single weights differ wherever threads share out work differently.
    """
    first, second = (torch.cat([value.flatten() for value in weights(it)]) for it in (one, other))
    return float((first - second).norm() / second.norm())


def checkpoint_of(folder: Path, step: int) -> Path:
    """A checkpoint of the model that is trained in `folder`."""
    return checkpoints_folder(folder) / f"checkpoint-{step}"


def history_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / HISTORY).read_text())
    return found


def losses_of(folder: Path) -> dict[int, float]:
    """By step; those of a resumed run are all there, since a checkpoint keeps the log."""
    return {
        entry["step"]: entry["loss"] for entry in history_of(folder)["history"] if "loss" in entry
    }


def main() -> None:
    data, model, output = map(Path, sys.argv[1:4])
    step, sampling = int(sys.argv[4]), sys.argv[5]

    def die(callback: PlainProgress, args: object, state: object, *_: object, **__: object) -> None:
        if state.global_step == step:  # type: ignore[attr-defined]
            os.kill(os.getpid(), signal.SIGKILL)

    PlainProgress.on_step_end = die  # type: ignore[method-assign, assignment]
    training.bfloat16_is_fast = lambda *_: False
    training.LOGGING_STEPS = 1
    recipe = killable_recipe(data, model, output)
    train(replace(recipe, sampling=sampling))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
