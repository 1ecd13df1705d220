from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.fake_server import FakeServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no process is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("vllm") is None)


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    """A scripted model server; a script that failed fails the test."""
    with FakeServer() as server:
        yield server
    assert server.script_errors == []
