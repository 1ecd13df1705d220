"""The precision of a run: chosen once, recorded, and kept when the run is resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sprint.finetuning import training
from sprint.finetuning.config import FinetuneConfig
from sprint.finetuning.number_format import use_precision
from sprint.finetuning.run_folder import open_run
from sprint.finetuning.training import train, trainer_arguments
from sprint.utils.config import replace
from sprint.utils.errors import InputError
from support.finetuning import checkpoint_of, history_of, short_recipe, write_checkpoint


@pytest.mark.parametrize("bfloat16", [False, True], indirect=True)
def test_a_run_records_its_precision(
    data: Path, model: Path, tmp_path: Path, bfloat16: bool
) -> None:
    train(short_recipe(data, model, tmp_path))
    wanted = "bfloat16" if bfloat16 else "float32"
    assert history_of(tmp_path)["settings"]["precision"] == wanted


def opened(tmp_path: Path, precision: str = "auto") -> FinetuneConfig:
    """The recipe of a run whose folder is open."""
    recipe = FinetuneConfig.model_validate(
        {"model": "none", "data": tmp_path, "output": tmp_path / "m", "precision": precision}
    )
    open_run(recipe.output, {"a": 1, "precision": precision}, resume=False)
    write_checkpoint(checkpoint_of(recipe.output, 2).parent, 2)
    return recipe


@pytest.mark.parametrize("fast", [False, True])
def test_a_resumed_run_keeps_its_precision(
    tmp_path: Path, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = opened(tmp_path)
    monkeypatch.setattr(training, "bfloat16_is_fast", lambda *_: not fast)
    begun, resumed = trainer_arguments(recipe), trainer_arguments(recipe)
    chosen = use_precision(begun, recipe, lambda: fast)
    assert (chosen, begun.bf16) == ("bfloat16" if fast else "float32", fast)
    open_run(recipe.output, {"a": 1}, resume=True)
    assert use_precision(resumed, recipe, lambda: not fast) == chosen
    assert (resumed.bf16, resumed.mixed_precision) == (fast, "bf16" if fast else "no")


@pytest.mark.parametrize("wanted", ["float32", "bfloat16"])
def test_a_precision_can_be_set(tmp_path: Path, wanted: str) -> None:
    recipe = opened(tmp_path, wanted)
    arguments = trainer_arguments(recipe)
    assert use_precision(arguments, recipe, lambda: wanted == "float32") == wanted
    assert arguments.bf16 == (wanted == "bfloat16")


def test_a_run_is_not_resumed_in_another_precision(tmp_path: Path) -> None:
    recipe = opened(tmp_path)
    use_precision(trainer_arguments(recipe), recipe, lambda: True)
    other = replace(recipe, precision="float32")
    with pytest.raises(InputError, match="computes in bfloat16"):
        use_precision(trainer_arguments(other), other, lambda: False)


@pytest.mark.parametrize("wanted", ["float32", "bfloat16"])
def test_a_run_on_a_gpu_is_not_resumed_in_another_precision(
    tmp_path: Path, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = opened(tmp_path)
    begun, resumed = trainer_arguments(recipe), trainer_arguments(recipe)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    begun.bf16, resumed.bf16 = wanted == "bfloat16", wanted != "bfloat16"
    assert use_precision(begun, recipe, lambda: True) == wanted
    with pytest.raises(InputError, match=f"resume it with --precision {wanted}"):
        use_precision(resumed, recipe, lambda: True)
