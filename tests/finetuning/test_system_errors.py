"""Fine-tuning on a full disk, with few handles, and where files cannot be written: one sentence."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.finetuning.history import HISTORY
from support.commands import Outcome, outcome_of, start_command
from support.finetuning import flags_of, short_recipe
from support.troubles import folder_in_place, mounted, require_one_sentence

Train = Callable[..., Outcome]


@pytest.fixture
def trained(data: Path, model: Path, tmp_path: Path) -> Train:
    """Runs the stage into disk/trained, with `before` called in its process."""

    def run(before: Callable[[], object] | None = None) -> Outcome:
        flags = flags_of(short_recipe(data, model, tmp_path / "disk" / "trained"))
        environment = {"OMP_NUM_THREADS": "1"}
        return outcome_of(start_command("sprint.finetuning", flags, tmp_path, environment, before))

    return run


def require_trained(outcome: Outcome, folder: Path) -> None:
    assert (outcome.code, outcome.errors) == (0, []), outcome.err
    assert (folder / "disk" / "trained" / HISTORY).is_file()


def test_a_full_disk_and_one_that_may_only_be_read(tmp_path: Path, trained: Train) -> None:
    """Both are known before the first step."""
    with mounted(tmp_path / "disk") as disk:
        disk.remount("ro")
        require_one_sentence(refused := trained())
        assert "step" not in refused.err
        disk.remount("rw")
        disk.fill(left=1 << 16)
        require_one_sentence(trained())
        disk.empty()
        require_trained(trained(), tmp_path)


def test_a_file_that_may_not_grow(tmp_path: Path, trained: Train) -> None:
    limits = (1 << 16, resource.RLIM_INFINITY)
    require_one_sentence(trained(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limits)))
    require_trained(trained(), tmp_path)


def test_few_handles(tmp_path: Path, trained: Train) -> None:
    done = trained(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    require_trained(done, tmp_path)


def test_a_folder_in_the_place_of_a_file_beside_the_weights(tmp_path: Path, trained: Train) -> None:
    """The weights are there all the same, and the sentence says where."""
    with folder_in_place(tmp_path / "disk" / "trained" / HISTORY):
        require_one_sentence(done := trained(), HISTORY)
    assert "The weights of the trained model are saved in" in done.errors[0]
    assert (tmp_path / "disk" / "trained" / "model.safetensors").is_file()
