"""What is checked before a push, and in which order it goes. No hub is asked here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import httpx2
import huggingface_hub
import pytest
from sprint.finetuning_data_preparation.dataset import write_dataset
from sprint.finetuning_data_preparation.outputs import push
from sprint.utils.data.push import check_push
from sprint.utils.errors import InputError


@pytest.fixture(autouse=True)
def _online_with_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_token")


def test_a_name_and_a_token_are_enough() -> None:
    check_push("me/my-data", "dataset")


@pytest.mark.parametrize("name", ["", "me/my data", "a/b/c", "-x", "me/.."])
def test_a_name_that_the_hub_refuses(name: str) -> None:
    with pytest.raises(InputError, match="the name of a dataset such as me/my-data"):
        check_push(name, "dataset")


def test_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(InputError, match="set HF_TOKEN"):
        check_push("me/my-data", "dataset")


def test_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="unset it"):
        check_push("me/my-data", "dataset")


@pytest.mark.parametrize(("private", "asked"), [(True, True), (False, None)])
def test_the_card_goes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, private: bool, asked: bool | None
) -> None:
    """`datasets` adds to a card that is there, and would write a bare one if it were not."""
    write_dataset(tmp_path, [{"id": "a", "index": 0}, {"id": "b", "index": 1}], {1})
    done = dict[str, dict[str, Any]]()

    def note(name: str) -> Any:
        def called(*_: Any, **options: Any) -> SimpleNamespace:
            done[name] = options
            return SimpleNamespace(repo_id="me/data")

        return called

    monkeypatch.setattr(huggingface_hub.HfApi, "create_repo", note("create"))
    monkeypatch.setattr(huggingface_hub.HfApi, "upload_folder", note("card"))
    monkeypatch.setattr(datasets.DatasetDict, "push_to_hub", note("rows"))
    push(tmp_path, "me/data", private=private)
    assert list(done) == ["create", "card", "rows"]
    assert done["create"]["private"] is asked


def test_a_hub_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise httpx2.ConnectError("Connection refused")

    monkeypatch.setattr(huggingface_hub.HfApi, "create_repo", refuse)
    with pytest.raises(
        InputError, match=r"Cannot push to me/data: Connection refused\. The complete data"
    ):
        push(tmp_path, "me/data", private=False)
