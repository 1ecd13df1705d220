"""No request leaves the server that was named, and OpenAI's variables go to OpenAI alone."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest
from sprint.utils.api.connection import make_client
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.urls import read_url, without_password
from sprint.utils.config.dot_env import read_key
from sprint.utils.errors import InputError, MalformedError, NoServerError
from support.fake_server import MODEL, FakeServer, Refusal, Reply

SAMPLING = Sampling(10, 0.0)
SECRET = "of-OpenAI-4711"


def openai_variables() -> list[str]:
    """All variables that the client of the library reads by itself, found in its source."""
    folder = Path(inspect.getfile(openai)).parent
    sources = [*folder.glob("*.py"), *folder.glob("lib/*.py")]
    names = re.findall(r"environ\.get\(\s*\"(OPENAI_\w+)\"", "".join(map(Path.read_text, sources)))
    assert {"OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"} <= {*names}
    return sorted({*names})


def sent_headers(url: str) -> dict[str, str]:
    """What a client, and a copy of it with other options, would send."""

    async def main() -> dict[str, str]:
        client = make_client(url, "", 5.0)
        headers = dict[str, str]()
        for one in (client, client.with_options(timeout=3.0)):
            options = openai._models.FinalRequestOptions(
                method="post", url="/completions", json_data={}, security={"bearer_auth": True}
            )
            headers |= dict(one._build_request(options).headers)
        await client.close()
        return headers

    return asyncio.run(main())


@pytest.mark.parametrize("variable", openai_variables())
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "https://models.invalid/v1",
        "https://api.openai.com.invalid/v1",
        "http://api.openai.com/v1",
        "https://api.openai.com:8443/v1",
    ],
)
def test_what_is_openais_goes_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch, variable: str, url: str
) -> None:
    value = f"X-Own: {SECRET}\nAuthorization: Bearer {SECRET}" if "HEADERS" in variable else SECRET
    monkeypatch.setenv(variable, value)
    headers = sent_headers(url)
    assert headers["authorization"] == "Bearer none"
    assert SECRET not in str(headers)


def test_what_is_openais_goes_to_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", SECRET)
    assert sent_headers("https://api.openai.com/v1")["openai-organization"] == SECRET


def test_netrc_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_server: FakeServer
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fake_server.script = lambda _: Refusal(400)
    with pytest.raises(Exception, match="refuses"):
        asyncio.run(call(fake_server.url, complete))
    assert {one.authorization for one in fake_server.requests} == {"Bearer none"}


Ask = Callable[[ModelServer], Coroutine[Any, Any, Any]]


async def call(url: str, ask: Ask) -> None:
    async with ModelServer(url, MODEL) as server:
        await ask(server)


async def complete(server: ModelServer) -> None:
    await server.complete("the prompt", SAMPLING)


async def chat(server: ModelServer) -> None:
    await server.chat([{"role": "user", "content": "the prompt"}], SAMPLING)


@pytest.mark.parametrize("ask", [complete, chat])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_no_redirect_is_followed(fake_server: FakeServer, status: int, ask: Ask) -> None:
    with FakeServer() as other:
        target = other.url.replace("://", f"://me:{SECRET}@") + "/completions?key=1"
        fake_server.script = lambda _: Refusal(status, headers={"location": target})
        with pytest.raises((NoServerError, MalformedError), match="redirects to") as refused:
            asyncio.run(call(fake_server.url, ask))
        assert other.requests == []
    assert SECRET not in str(refused.value)
    assert without_password(target) in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (name, value)
        for name in ("http_proxy", "HTTPS_PROXY", "all_proxy")
        for value in ("http://[::1", "socks5://p:1", "ftp://p", "http://", "http://p:x", "a b")
    ],
)
def test_a_damaged_proxy_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=f"{variable} is {re.escape(repr(value))}"):
        ModelServer("http://models.invalid/v1", MODEL)


def test_damaged_surroundings_of_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        with pytest.raises(InputError, match="SSL_CERT_FILE"):
            ModelServer("https://models.invalid/v1", MODEL)
    monkeypatch.setenv("OPENAI_ORG_ID", "M\u00fcller")
    with pytest.raises(InputError, match="OPENAI_ORG_ID is 'M"):
        ModelServer("https://api.openai.com/v1", MODEL)
    ModelServer("http://127.0.0.1:1/v1", MODEL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "models",
        "127.0.0.1:8000",
        "ftp://h/v1",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "http://h:99999/v1",
        "http://h:0/v1",
        "http://h:-1/v1",
        "http://[::1/v1",
        "http://[bad/v1",
        "http://a b/v1",
        "http://h/v1\n",
        "http://h/v1?key=hidden-9",
        "http://h/v1#x",
        "http://me:hidden-9@h/v1",
        "http://hidden-9@h/v1",
        "http://h/v1/chat/completions",
        "http://\udcff/v1",
    ],
)
def test_what_is_no_url_of_a_server_is_one_sentence(url: str) -> None:
    with pytest.raises(InputError, match="is not a valid server URL") as refused:
        read_url(url)
    assert "hidden-9" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("url", ["http://m\u00fcller.de/v1", "http://[::1]:8000/v1", "https://h/"])
def test_what_is_a_url_of_a_server(url: str) -> None:
    assert isinstance(read_url(url), httpx2.URL)


@pytest.mark.parametrize("key", ["a\nb", "a\r", "Schl\u00fcssel", "a b", " a", "a\x7f", "\udcff"])
def test_a_key_that_no_request_can_carry(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("MY_KEY", f"secret-{key}-part")
    with pytest.raises(InputError, match="MY_KEY contains") as refused:
        read_key("MY_KEY")
    assert "secret-" not in str(refused.value)


def test_a_streamed_request_has_the_headers_of_the_library(
    fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: maths")
    fake_server.script = lambda _: Reply.of("x")
    body = {"model": MODEL, "prompt": "é <a>", "stream": True, "stop": ["</a>"]}

    async def main() -> None:
        async with make_client(fake_server.url, "key-4711", 5.0) as client:
            stream = await client.post(
                "/completions",
                cast_to=openai.types.Completion,
                body=body,
                stream=True,
                stream_cls=openai.AsyncStream[openai.types.Completion],
            )
            await stream.response.aread()
            await (await client.open_stream("completions", body)).aread()

    asyncio.run(main())
    library, ours = fake_server.requests
    told = {"x-stainless-retry-count", "x-stainless-read-timeout", "content-length"}

    def kept(headers: Mapping[str, str]) -> dict[str, str]:
        lower = {name.lower(): value for name, value in headers.items()}
        return {name: value for name, value in lower.items() if name not in told}

    assert kept(ours.headers) == kept(library.headers)
    assert (ours.path, ours.body) == (library.path, library.body)
