from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.fake_server import FakeServer

# How long an example takes depends on what else the machine does.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


COMPUTES = re.compile(
    r"^ *(import torch|from (torch|transformers|support\.(tiny|finetuning))\b)", re.MULTILINE
)


@cache
def computes(file: Path) -> bool:
    return COMPUTES.search(file.read_text(encoding="utf-8")) is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what computes with torch; the longest first, so that no process is left alone with them
    at the end.
    """
    for item in items:
        if computes(item.path):
            item.add_marker("numeric")
    items.sort(key=lambda item: item.get_closest_marker("vllm") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seed = terminalreporter.config.getoption("randomly_seed")
    terminalreporter.write_line(f"Order of the tests: --randomly-seed={seed}")


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    """A scripted model server; a script that failed fails the test."""
    with FakeServer() as server:
        yield server
    assert server.script_errors == []
