from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.fake_server import FakeServer


@pytest.fixture
def fake_server() -> Iterator[FakeServer]:
    """A scripted model server; a script that failed fails the test."""
    with FakeServer() as server:
        yield server
    assert server.script_errors == []
