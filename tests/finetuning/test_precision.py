"""The precision of a run: chosen once, recorded, and kept when the run is resumed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sprint.finetuning import training
from sprint.finetuning.config import FinetuneConfig
from sprint.finetuning.precision import use_precision
from sprint.finetuning.run_folder import open_run
from sprint.finetuning.training import train, trainer_arguments
from support.finetuning import checkpoint_of, history_of, short_recipe, write_checkpoint


@pytest.mark.parametrize("bfloat16", [False, True], indirect=True)
def test_a_run_records_its_precision(
    data: Path, model: Path, tmp_path: Path, bfloat16: bool
) -> None:
    train(short_recipe(data, model, tmp_path))
    wanted = "bfloat16" if bfloat16 else "float32"
    assert history_of(tmp_path)["settings"]["precision"] == wanted


@pytest.mark.parametrize("fast", [False, True])
def test_a_resumed_run_keeps_its_precision(
    tmp_path: Path, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "m"
    recipe = FinetuneConfig(model="none", data=tmp_path, output=output)
    open_run(output, {"a": 1}, resume=False)
    monkeypatch.setattr(training, "bfloat16_is_fast", lambda *_: not fast)
    begun, resumed = trainer_arguments(recipe), trainer_arguments(recipe)
    chosen = use_precision(begun, output, lambda: fast)
    assert (chosen, begun.bf16) == ("bfloat16" if fast else "float32", fast)
    write_checkpoint(checkpoint_of(output, 2).parent, 2)
    open_run(output, {"a": 1}, resume=True)
    assert use_precision(resumed, output, lambda: not fast) == chosen
    assert (resumed.bf16, resumed.mixed_precision) == (fast, "bf16" if fast else "no")
