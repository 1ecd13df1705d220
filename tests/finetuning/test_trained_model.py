"""A training that has run is not lost at its save, whatever fails there."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from sprint.finetuning import checks, history, model_files
from sprint.finetuning.history import CURVE, HISTORY
from sprint.finetuning.run_folder import checkpoints_folder
from sprint.finetuning.trained_model import SPARE, rehearse
from sprint.finetuning.trainer import CountingTrainer
from sprint.finetuning.training import train
from sprint.utils.config import replace
from sprint.utils.errors import InputError, SaveError
from support.finetuning import checkpoint_of, distance, history_of, short_recipe
from support.tiny import tiny_model, tiny_tokenizer
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

SERVED = {
    "README.md",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "prompt.txt",
    "tokenizer.json",
    "tokenizer_config.json",
    HISTORY,
    CURVE,
}


def test_the_served_folder_holds_nothing_of_the_training(
    data: Path, model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "m"
    train(replace(short_recipe(data, model, output), save_steps=1))
    assert {path.name for path in output.iterdir()} == SERVED
    kept = checkpoints_folder(output)
    assert kept.parent == output.parent
    assert {path.name for path in kept.iterdir()} == {
        "checkpoint-1",
        "checkpoint-2",
        "settings.json",
    }


def test_without_checkpoints_nothing_is_left_beside_the_model(
    data: Path, model: Path, tmp_path: Path
) -> None:
    train(short_recipe(data, model, tmp_path / "m"))
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_other_files_beside_the_model_stay(data: Path, model: Path, tmp_path: Path) -> None:
    mine = checkpoints_folder(tmp_path / "m") / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("notes")
    train(short_recipe(data, model, tmp_path / "m"))
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


def test_weights_that_are_there_are_not_overwritten(
    data: Path, model: Path, tmp_path: Path
) -> None:
    """They may be all that is left of a training whose history could not be written."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.safetensors").write_bytes(b"weights")
    with pytest.raises(
        InputError, match="contains the weights of a model: choose another --output"
    ):
        train(short_recipe(data, model, tmp_path / "m"))


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("owner", "name", "error", "missing"),
    [
        (GenerationConfig, "save_pretrained", ValueError("invalid"), {"generation_config.json"}),
        (model_files, "write_text", OSError("read-only"), {"prompt.txt", "README.md"}),
        (history, "draw_curve", RuntimeError("no fonts"), {CURVE}),
        (history, "write_json", OSError("read-only"), {HISTORY, CURVE}),
        (model_files, "licence_of", AttributeError("no card"), {"README.md"}),
    ],
)
def test_what_fails_beside_the_weights_is_reported(
    data: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    error: Exception,
    missing: set[str],
) -> None:
    """The rehearsal before the training has passed: the fault comes during the training."""
    during_training(monkeypatch, lambda: monkeypatch.setattr(owner, name, failing(error)))
    output = tmp_path / "m"
    with pytest.raises(SaveError, match=rf"weights .* are saved in .*m, but not .*\({error}\)"):
        train(short_recipe(data, model, output))
    assert {path.name for path in output.iterdir()} == SERVED - missing
    assert AutoModelForCausalLM.from_pretrained(output).dtype == torch.bfloat16


def test_a_tokenizer_that_cannot_be_saved(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tokenizers raises bare Exception."""
    fail = failing(Exception("no space left"))
    during_training(
        monkeypatch, lambda: monkeypatch.setattr(PreTrainedTokenizerBase, "save_pretrained", fail)
    )
    with pytest.raises(SaveError, match=r"but not the tokenizer \(no space left\)"):
        train(short_recipe(data, model, tmp_path / "m"))
    assert (tmp_path / "m" / HISTORY).is_file()


def during_training(monkeypatch: pytest.MonkeyPatch, spoil: Callable[[], object]) -> None:
    save = CountingTrainer.save_served

    def spoiled(self: CountingTrainer, *folders: Path) -> Path:
        spoil()
        return save(self, *folders)

    monkeypatch.setattr(CountingTrainer, "save_served", spoiled)


def test_weights_go_elsewhere_where_their_folder_cannot_be_written(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "m"

    def block() -> None:
        output.rmdir()
        output.write_text("a file")

    during_training(monkeypatch, block)
    spare = checkpoints_folder(output) / SPARE
    with pytest.raises(SaveError, match=r"The trained model is in .*trained, since .*m cannot be"):
        train(short_recipe(data, model, output))
    assert {path.name for path in spare.iterdir()} == SERVED
    assert AutoTokenizer.from_pretrained(spare).eos_token == tiny_tokenizer().eos_token


def test_a_full_disk_names_the_checkpoint_to_go_on_from(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And going on from the last step saves the model."""
    full, output = pytest.MonkeyPatch(), tmp_path / "m"
    fail = failing(OSError("No space left on device"))
    during_training(full, lambda: full.setattr(PreTrainedModel, "save_pretrained", fail))
    recipe = replace(short_recipe(data, model, output), save_steps=1)
    with pytest.raises(
        SaveError, match=r"No space left .*resume from .*checkpoint-2 with --resume"
    ):
        train(recipe)
    full.undo()
    assert not (output / HISTORY).exists()
    train(replace(recipe, resume=True))
    assert distance(output, checkpoint_of(output, 2)) < 1e-2


def test_a_full_disk_without_checkpoints(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail = failing(OSError("No space left on device"))
    during_training(
        monkeypatch, lambda: monkeypatch.setattr(PreTrainedModel, "save_pretrained", fail)
    )
    with pytest.raises(SaveError, match=r"train again; --save_steps"):
        train(short_recipe(data, model, tmp_path / "m"))


def test_a_training_goes_on_without_a_checkpoint_that_cannot_be_written(
    data: Path,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    save = torch.save

    def full(value: Any, path: Any, *args: Any, **options: Any) -> None:
        if str(path).endswith("optimizer.pt"):
            raise RuntimeError("PytorchStreamWriter failed writing file")
        save(value, path, *args, **options)

    monkeypatch.setattr(torch, "save", full)
    with caplog.at_level(logging.WARNING):
        train(replace(short_recipe(data, model, tmp_path / "m"), save_steps=1))
    assert "checkpoint-1 (PytorchStreamWriter failed writing file): training continues" in (
        caplog.text
    )
    assert (tmp_path / "m" / HISTORY).is_file()
    assert not checkpoint_of(tmp_path / "m", 1).exists()


def test_what_cannot_be_saved_is_known_before_the_training(tmp_path: Path) -> None:
    model = tiny_model()
    model.config.made_up = object()  # no JSON
    with pytest.raises(InputError, match="cannot be saved: repair them or choose another model"):
        rehearse(model, tiny_tokenizer(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_too_small(
    data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two evaluations of a model of so many parameters make two checkpoints."""
    count = checks.count_parameters(AutoModelForCausalLM.from_pretrained(model))
    needed = checks.needed_bytes(count, 2)
    assert needed == count * (2 + 2 * 12)
    free = [0]
    usage = type("Usage", (), {"free": property(lambda _: free[0])})
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage())
    recipe = replace(short_recipe(data, model, tmp_path / "m"), eval_steps=1)
    with pytest.raises(InputError, match=r"2 checkpoints take about .* GB, and the disk of"):
        train(recipe)
    free[0] = needed
    train(recipe)


def test_checkpoints_of_an_earlier_version_are_found(
    data: Path, model: Path, tmp_path: Path
) -> None:
    """They lay within the folder of the model."""
    output = tmp_path / "m"
    recipe = replace(short_recipe(data, model, output), save_steps=1)
    train(recipe)
    for path in output.iterdir():
        path.unlink()
    checkpoints_folder(output).rename(output / "checkpoints")
    with pytest.raises(InputError, match="checkpoints of an earlier run: add --resume"):
        train(recipe)
    train(replace(recipe, resume=True))
    assert {path.name for path in output.iterdir()} == SERVED


def test_repairs_are_in_the_history_and_on_the_card(
    data: Path, model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "m"
    train(replace(short_recipe(data, model, output), max_length=100_000))
    (note,) = history_of(output)["repairs"]
    assert note == (
        "--max_length is 100000, but the model supports 2048 positions: longer samples are dropped."
    )
    assert note in (output / "README.md").read_text()
    config = json.loads((output / "config.json").read_text())
    assert config["dtype"] == "bfloat16"
