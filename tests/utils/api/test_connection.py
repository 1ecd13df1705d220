"""How model servers are reached."""

from __future__ import annotations

import asyncio

import httpx2
import openai
import pytest
from sprint.utils.api.connection import CONNECT_TIMEOUT
from sprint.utils.api.server import ModelServer
from sprint.utils.api.urls import is_loopback, usual_key_variable
from sprint.utils.errors import CutError, InputError, UnreachableError
from support.fake_server import MODEL, FakeServer


def check(url: str) -> None:
    async def main() -> None:
        async with ModelServer(url, MODEL) as server:
            await server.check()

    asyncio.run(main())


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Sets no proxy but those of the test."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("url", "variable"),
    [
        ("https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("http://127.0.0.1:8000/v1", "SERVER_API_KEY"),
        ("https://api.openai.com.example.org/v1", "SERVER_API_KEY"),
    ],
)
def test_the_key_of_openai_is_for_openai(url: str, variable: str) -> None:
    assert usual_key_variable(url) == variable


@pytest.mark.parametrize("key_variable", [None, "MY_KEY"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:80o0/v1", "http://a\x00b/v1"])
def test_what_is_no_url_is_one_sentence(url: str, key_variable: str | None) -> None:
    with pytest.raises(InputError, match="is not a valid server URL"):
        ModelServer(url, MODEL, key_variable=key_variable)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://127.8.0.1/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://10.0.0.7:8000/v1", False),
        ("https://api.openai.com/v1", False),
        ("", False),
    ],
)
def test_what_is_this_machine(url: str, expected: bool) -> None:
    assert is_loopback(url) == expected


def test_no_proxy_for_this_machine(fake_server: FakeServer, proxy: pytest.MonkeyPatch) -> None:
    with FakeServer() as dead:
        dead.stop()
        proxy.setenv("http_proxy", dead.url.removesuffix("/v1"))
        check(fake_server.url)


def test_a_proxy_for_other_machines(fake_server: FakeServer, proxy: pytest.MonkeyPatch) -> None:
    """The fake server takes the proxy's place."""
    proxy.setenv("http_proxy", fake_server.url.removesuffix("/v1"))
    check("http://models.invalid:8000/v1")


def test_a_connection_is_not_waited_for_as_long_as_an_answer() -> None:
    timeout = ModelServer("http://127.0.0.1:1/v1", MODEL).client.timeout
    assert isinstance(timeout, httpx2.Timeout)
    assert (timeout.connect, timeout.read) == (CONNECT_TIMEOUT, 600.0)


def test_a_server_that_takes_no_connection_is_unreachable() -> None:
    request = httpx2.Request("POST", "http://127.0.0.1:1/v1")
    server = ModelServer("http://127.0.0.1:1/v1", MODEL)
    for cause, kind in (
        (httpx2.ConnectTimeout("", request=request), UnreachableError),
        (httpx2.ReadTimeout("", request=request), CutError),
    ):
        error = openai.APITimeoutError(request=request)
        error.__cause__ = cause
        assert type(server.errors.of(error)) is kind
