"""No key comes back, in whatever form or pieces a server repeats it."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion
from sprint.utils.api.completion import Collected, Completion, StreamEvent, read_chat
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.token_trace import TokenTrace
from sprint.utils.errors import SprintError
from sprint.utils.files.atomic import write_json
from sprint.utils.redaction import MARK, ByteRedactor, StreamRedactor, redacted, remember
from support.fake_server import MODEL, FakeServer, Refusal, Reply
from support.limits import processor_patience

KEY = 'kx-9/"Tq\\+83=_Wm-5'

FORMS: dict[str, Callable[[str], str]] = {
    "whole": str,
    "in JSON": json.dumps,
    "in a URL": lambda key: quote(key, safe=""),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
    "base64 as a header": lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
    "base64 after two": lambda key: base64.b64encode(f"xy{key}z".encode()).decode(),
    "base64 after three": lambda key: base64.urlsafe_b64encode(f"abc{key}".encode()).decode(),
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal in capitals": lambda key: key.encode().hex().upper(),
    "escapes of JSON": lambda key: "".join(f"\\u{ord(one):04x}" for one in key),
    "one escape of JSON": lambda key: f"{key[:3]}\\u{ord(key[3]):04X}{key[4:]}",
    "JSON within JSON": lambda key: json.dumps(json.dumps(key)),
    "escapes of URLs": lambda key: "".join(f"%{ord(one):02x}" for one in key),
    "a URL within a URL": lambda key: quote(quote(key, safe="")),
    "HTML": html.escape,
    "escapes of HTML": lambda key: "".join(f"&#{ord(one)};" for one in key),
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_API_KEY", KEY)


def some(key: str) -> str:
    """What gives a key's encoded forms away: their middle, which no neighbour changes."""
    return key[4:-4]


@pytest.mark.parametrize("order", ["first", "second"])
def test_a_key_that_another_test_read_is_unknown(order: str) -> None:
    assert redacted("key-of-one-test") == "key-of-one-test"
    remember("key-of-one-test")
    assert redacted("key-of-one-test") == MARK


def test_long_runs_of_what_escapes_take_no_time() -> None:
    with processor_patience():
        for run in ("\\" * 300_000, "%" + "25" * 150_000, "&#" + "0" * 300_000):
            assert redacted(run) == run


def test_an_answer_that_escapes_the_key_is_stored_without_it() -> None:
    escaped = "".join(f"\\u{ord(one):04x}" for one in KEY)
    received = (
        f'{{"choices": [{{"message": {{"content": "{escaped}"}}, "finish_reason": "stop"}}]}}'
    )
    completion = read_chat(ChatCompletion.construct(**json.loads(received)), received)
    assert completion.text == MARK
    assert json.loads(completion.received)["choices"][0]["message"]["content"] == MARK


@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_redacted_in_every_form(form: str) -> None:
    repeated = FORMS[form](KEY)
    shown = redacted(f"You sent {repeated}, sir.")
    assert MARK in shown
    assert some(repeated) not in shown
    assert shown.startswith("You sent ")
    assert shown.endswith(", sir.")


@pytest.mark.parametrize("key", ["", "none", "EMPTY", "abc123", "password", "local"])
def test_ordinary_words_are_no_keys(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SERVER_API_KEY", key)
    text = f"There is none; the EMPTY password is {key}."
    assert redacted(text) == text
    assert StreamRedactor().take(text) == text


@given(st.lists(st.sampled_from([KEY, KEY[:5], KEY[5:], KEY[:1], "x", "k", "a line\n"])), st.data())
def test_the_pieces_of_a_stream_give_what_the_whole_gives(parts: list[str], data: st.DataObject):
    text = "".join(parts)
    redactor, shown, at = StreamRedactor(), "", 0
    while at < len(text):
        size = data.draw(st.integers(1, 7))
        shown += redactor.take(text[at : at + size])
        assert KEY not in shown
        at += size
    shown += redactor.take("", last=True)
    assert shown == redacted(text)


@given(
    st.lists(st.sampled_from([KEY, KEY[:5], KEY[5:], "ä", "\u2028", "\n"])), st.binary(), st.data()
)
def test_the_pieces_of_a_file_give_what_the_whole_gives(
    parts: list[str], noise: bytes, data: st.DataObject
) -> None:
    content = "".join(parts).encode() + b"\n" + noise
    redactor, written, at = ByteRedactor(), b"", 0
    while at < len(content):
        size = data.draw(st.integers(1, 7))
        written += redactor.take(content[at : at + size])
        at += size
    written += redactor.take(b"", last=True)
    assert written == redacted("".join(parts)).encode() + b"\n" + noise


def test_text_is_held_back_only_where_a_key_may_begin() -> None:
    redactor = StreamRedactor()
    assert redactor.take("</prompt_1>") == "</prompt_1>"
    assert redactor.take(f"so {KEY[:6]}") == "so "
    assert redactor.take("!") == f"{KEY[:6]}!"


def ask(url: str, trace: TokenTrace | None = None) -> tuple[Completion, str]:
    pieces = list[str]()

    async def main() -> Completion:
        async with ModelServer(url, MODEL) as server:
            return await server.complete(
                "?", Sampling(1000, 0.0), lambda piece: bool(pieces.append(piece)), trace=trace
            )

    return asyncio.run(main()), "".join(pieces)


def test_a_key_in_a_stream_reaches_nobody(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(f"Your key is {KEY}. ", f"{KEY}{KEY[:7]}")
    completion, pieces = ask(fake_server.url, TokenTrace("?"))
    assert completion.text == pieces == f"Your key is {MARK}. {MARK}{KEY[:7]}"


def test_a_key_in_place_of_a_stop_string_reaches_nobody() -> None:
    collected = Collected("http://s", ("</prompt_1>",), None)
    choice = {"text": "Do it", "finish_reason": "stop", "stop_reason": KEY}
    collected.take(StreamEvent.of({"choices": [choice]}))
    assert collected.completion(0.0).text == f"Do it{MARK}"


def test_a_key_in_an_answer_reaches_nobody(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(f"Your key is {KEY}.")

    async def main() -> Completion:
        async with ModelServer(fake_server.url, MODEL) as server:
            return await server.chat([{"role": "user", "content": "?"}], Sampling(1000, 0.0))

    completion = asyncio.run(main())
    assert completion.text == f"Your key is {MARK}."
    assert some(json.dumps(KEY)) not in completion.received
    assert json.loads(completion.received)["choices"][0]["message"]["content"] == completion.text


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 307])
def test_a_key_in_a_refusal_reaches_nobody(fake_server: FakeServer, status: int) -> None:
    where = {"location": f"http://{quote(KEY, safe='')}@elsewhere.invalid/{quote(KEY, safe='')}"}
    fake_server.script = lambda _: Refusal(status, f"No model for {KEY}.", where)
    with pytest.raises(SprintError) as refused:
        ask(fake_server.url)
    assert some(KEY) not in str(refused.value)
    assert some(quote(KEY, safe="")) not in str(refused.value)


def test_a_key_reaches_no_file_and_no_error(tmp_path: Path) -> None:
    write_json(tmp_path / "run.json", {"model": f"m-{KEY}"})
    assert json.loads((tmp_path / "run.json").read_text()) == {"model": f"m-{MARK}"}
    assert str(SprintError(f"No {KEY}.")) == f"No {MARK}."


def test_two_keys_one_within_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY[2:12])
    order = [KEY, KEY[2:12]]
    random.Random(1).shuffle(order)
    assert redacted(" ".join(order)) == f"{MARK} {MARK}"
