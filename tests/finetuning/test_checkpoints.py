"""Which checkpoints a run may be resumed from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.finetuning.checkpoints import checkpoints
from support.finetuning import write_checkpoint


def cut(name: str) -> Callable[[Path], object]:
    def apply(path: Path) -> None:
        content = (path / name).read_bytes()
        (path / name).write_bytes(content[: len(content) - 5])

    return apply


def written(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda path: (path / name).write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "weights cut short": cut("model.safetensors"),
    "empty weights": written("model.safetensors", b""),
    "weights of zeros": written("model.safetensors", bytes(500)),
    "no weights": lambda path: (path / "model.safetensors").unlink(),
    "a shard is missing": written(
        "model.safetensors.index.json", b'{"weight_map": {"weight": "model-2.safetensors"}}'
    ),
    "optimizer cut short": cut("optimizer.pt"),
    "no optimizer": lambda path: (path / "optimizer.pt").unlink(),
    "scheduler of zeros": written("scheduler.pt", bytes(500)),
    "random state cut short": cut("rng_state.pth"),
    "empty state": written("trainer_state.json", b"{}"),
    "state of a text": written("trainer_state.json", b'{"global_step": "4"}'),
    "state cut short": cut("trainer_state.json"),
    "state nested": written("trainer_state.json", b"[" * 100_000),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_checkpoint_that_is_not_whole_falls_back_to_the_one_before(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, last = write_checkpoint(tmp_path, 2), write_checkpoint(tmp_path, 4)
    assert checkpoints(tmp_path) == [before, last]
    DAMAGES[damage](last)
    assert checkpoints(tmp_path) == [before]
    assert "checkpoint-4 is left out" in caplog.text
