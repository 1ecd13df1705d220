"""A server that answers from a script, and the client that most users have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from openai import OpenAI
from support.fake_server import FakeServer
from support.serving import Served, script, served


@pytest.fixture
def server(fake_server: FakeServer) -> Iterator[Served]:
    fake_server.script = script()
    with served(fake_server) as found:
        yield found


@pytest.fixture
def openai_client(server: Served) -> OpenAI:
    return OpenAI(base_url=server.url, api_key="none", max_retries=0)
