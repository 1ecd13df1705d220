from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sprint.utils import redaction
from support.fake_server import FakeServer
from support.vllm_server import SPRINT_MODEL, vllm_server

# How long an example takes depends on what else the machine does.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


COMPUTES = re.compile(
    r"^ *(import torch|from (torch|transformers|support\.(tiny|finetuning))\b)", re.MULTILINE
)


LONG = {
    "test_setup.py",
    "test_resume.py",
    "test_file_in_the_way.py",
    "test_separation_by_model.py",
    "test_sprint_command.py",
    "test_servers.py",
    "test_sharding.py",
    "test_package.py",
}
"""The files that take longest, besides those on a real vLLM server."""


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
    items.sort(key=lambda item: (not item.get_closest_marker("vllm"), item.path.name not in LONG))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seed = terminalreporter.config.getoption("randomly_seed")
    terminalreporter.write_line(f"Order of the tests: --randomly-seed={seed}")


@pytest.fixture(autouse=True)
def _no_keys_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that another test read would hold back what could be its beginning in a stream."""
    monkeypatch.setattr(redaction, "_read", set[str]())


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    """A scripted model server; a script that failed fails the test."""
    with FakeServer() as server:
        yield server
    assert server.script_errors == []


@pytest.fixture(scope="session")
def sprint_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real vLLM server of `SPRINT_MODEL`, shared because it takes a minute to start.

    In float32: in bfloat16 the texts depend on which calls share a step of vLLM.
    """
    folder = tmp_path_factory.mktemp("server")
    with vllm_server(SPRINT_MODEL, folder, "--dtype float32") as url:
        yield url
