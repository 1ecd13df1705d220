"""The push of the trained model: what is checked before the training, and what goes out. No hub is
asked here.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import huggingface_hub
import pytest
from sprint.finetuning import training
from sprint.finetuning.history import HISTORY
from sprint.finetuning.training import train
from sprint.utils.config import replace
from sprint.utils.errors import InputError
from support.finetuning import short_recipe


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """What the hub was asked to do, in order."""
    found = dict[str, dict[str, Any]]()

    def note(name: str) -> Any:
        def called(*_: Any, **options: Any) -> SimpleNamespace:
            found[name] = options
            return SimpleNamespace(repo_id="me/model")

        return called

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_token")
    for name in ("create_repo", "auth_check", "upload_folder"):
        monkeypatch.setattr(huggingface_hub.HfApi, name, note(name))
    return found


def refuse(*_: Any, **__: Any) -> None:
    raise httpx2.ConnectError("403 Forbidden")


def test_the_served_folder_is_pushed(
    data: Path, model: Path, tmp_path: Path, done: dict[str, dict[str, Any]]
) -> None:
    output = tmp_path / "m"
    train(replace(short_recipe(data, model, output), push_to_hub="me/model", private=True))
    assert done["create_repo"]["private"] is True
    assert done["auth_check"] == {"repo_type": "model", "write": True}
    pushed = done["upload_folder"]
    assert (pushed["repo_id"], pushed["folder_path"]) == ("me/model", output)
    assert pushed["ignore_patterns"] == [HISTORY]


@pytest.mark.parametrize("step", ["create_repo", "auth_check"])
def test_a_token_that_may_not_write_ends_the_run_before_the_training(
    data: Path,
    model: Path,
    tmp_path: Path,
    done: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, step, refuse)
    monkeypatch.setattr(training, "load_model", None)
    with pytest.raises(InputError, match=r"Cannot push to me/model: 403 Forbidden\. Nothing was"):
        train(replace(short_recipe(data, model, tmp_path / "m"), push_to_hub="me/model"))


def test_no_token(data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(InputError, match="set HF_TOKEN"):
        train(replace(short_recipe(data, model, tmp_path / "m"), push_to_hub="me/model"))


def test_a_push_that_fails_says_where_the_model_is(
    data: Path,
    model: Path,
    tmp_path: Path,
    done: dict[str, dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(huggingface_hub.HfApi, "upload_folder", refuse)
    output = tmp_path / "m"
    with pytest.raises(
        InputError, match=r"403 Forbidden\. The complete model is in .*hf upload me"
    ):
        train(replace(short_recipe(data, model, output), push_to_hub="me/model"))
    assert (output / HISTORY).is_file()
    assert done["auth_check"]["write"]
