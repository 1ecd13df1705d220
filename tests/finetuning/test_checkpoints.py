"""Which checkpoint a run is resumed from."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.finetuning.checkpoints import last_checkpoint
from sprint.finetuning.manifest import MANIFEST, files_in, write_manifest
from support.finetuning import write_checkpoint

SHARES = (
    "optimizer_0/.metadata",
    "optimizer_0/__0_0.distcp",
    "optimizer_0/__1_0.distcp",
    "pytorch_model_fsdp_0/__0_0.distcp",
)
"""What FSDP2 writes, each process its share."""


def cut(name: str) -> Callable[[Path], object]:
    return lambda path: os.truncate(path / name, (path / name).stat().st_size - 5)


def written(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda path: (path / name).write_bytes(content)


OLD_DAMAGES: dict[str, Callable[[Path], object]] = {
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


@pytest.mark.parametrize("damage", OLD_DAMAGES)
def test_without_a_manifest_what_is_not_whole_falls_back_to_the_one_before(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """As checkpoints of earlier versions are."""
    before, last = write_checkpoint(tmp_path, 2), write_checkpoint(tmp_path, 4)
    assert last_checkpoint(tmp_path) == last
    OLD_DAMAGES[damage](last)
    assert last_checkpoint(tmp_path) == before
    assert f"Ignoring the checkpoint {last}: " in caplog.text


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


FILE_DAMAGES: dict[str, Callable[[Path], object]] = {
    "one byte is another": change_a_byte,
    "cut short": lambda path: os.truncate(path, path.stat().st_size // 2),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "empty": lambda path: path.write_bytes(b""),
    "missing": Path.unlink,
}


def write_whole(folder: Path, step: int) -> Path:
    """A checkpoint with shares of several processes too, and the manifest."""
    path = write_checkpoint(folder, step)
    for number, name in enumerate(SHARES):
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(bytes([number, 1, 2, 3]) * 100)
    write_manifest(path)
    return path


@pytest.mark.parametrize("damage", FILE_DAMAGES)
def test_damage_of_any_file_falls_back_with_a_warning_that_names_it(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, last = write_whole(tmp_path, 2), write_whole(tmp_path, 4)
    names = [name for name in files_in(last) if name != MANIFEST]
    assert set(SHARES) < set(names)
    for name in names:
        content = (last / name).read_bytes()
        assert last_checkpoint(tmp_path) == last
        assert not caplog.messages
        FILE_DAMAGES[damage](last / name)
        assert last_checkpoint(tmp_path) == before
        (message,) = caplog.messages
        assert message.startswith(f"Ignoring the checkpoint {last}: {name} ")
        caplog.clear()
        (last / name).write_bytes(content)


@pytest.mark.parametrize("content", [b"", bytes(50), b"[]", b'{"optimizer.pt": 3}', b"[" * 100_000])
def test_a_damaged_manifest_is_named(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    before, last = write_whole(tmp_path, 2), write_whole(tmp_path, 4)
    (last / MANIFEST).write_bytes(content)
    assert last_checkpoint(tmp_path) == before
    assert f"{MANIFEST} is damaged" in caplog.text


def test_a_manifest_leads_to_no_file_outside(tmp_path: Path) -> None:
    last = write_whole(tmp_path, 4)
    (tmp_path / "outside").write_bytes(b"0")
    (last / MANIFEST).write_text('{"../outside": {"bytes": 1}}')
    assert last_checkpoint(tmp_path) is None


def test_files_of_others_do_not_matter(tmp_path: Path) -> None:
    last = write_whole(tmp_path, 4)
    (last / "notes.txt").write_text("mine")
    assert last_checkpoint(tmp_path) == last


def test_a_checkpoint_that_is_being_written_is_passed_over_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before, last = write_whole(tmp_path, 2), write_checkpoint(tmp_path, 10)
    (last / "trainer_state.json").unlink()
    assert last_checkpoint(tmp_path) == before
    assert not caplog.messages
