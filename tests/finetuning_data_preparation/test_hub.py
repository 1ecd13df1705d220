"""What is checked before a push. The push itself needs the hub, and is not tested here."""

from __future__ import annotations

import pytest
from sprint.finetuning_data_preparation.hub import check_push
from sprint.utils.errors import InputError


@pytest.fixture(autouse=True)
def _online_with_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_token")


def test_a_name_and_a_token_are_enough() -> None:
    check_push("me/my-data")


@pytest.mark.parametrize("name", ["", "me/my data", "a/b/c", "-x", "me/.."])
def test_a_name_that_the_hub_refuses(name: str) -> None:
    with pytest.raises(InputError, match="the name of a dataset such as me/my-data"):
        check_push(name)


def test_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(InputError, match="set HF_TOKEN"):
        check_push("me/my-data")


def test_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="unset it"):
        check_push("me/my-data")
