from __future__ import annotations

from pathlib import Path

import pytest
from sprint.finetuning import training
from support.finetuning import save_data
from support.tiny import save_tiny_model


@pytest.fixture(autouse=True)
def bfloat16(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a test trains in bfloat16: as it is parametrized, whatever the processor is good at.

    By default not: what is compared are two ways to compute the same in float32.
    """
    wanted = bool(getattr(request, "param", False))
    monkeypatch.setattr(training, "bfloat16_is_fast", lambda *_: wanted)
    return wanted


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "problems_default"
    save_data(folder)
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    save_tiny_model(folder)
    return folder
