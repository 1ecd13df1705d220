"""Events come out of a response's bytes, however these are cut; what is no event is an error."""

import asyncio
import codecs
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.api import event_stream
from sprint.utils.api.event_stream import Endings, ErrorEventError, EventError, json_events
from support.limits import PATIENCE

VALUES = st.recursive(
    st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


def read(pieces: Iterable[bytes], longest: int = event_stream.LONGEST_EVENT) -> list[Any]:
    async def arriving() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def all_of_them() -> list[Any]:
        return [event async for event in json_events(arriving(), longest)]

    return asyncio.run(all_of_them())


def event(value: Any, end: bytes = b"\n\n") -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass") + end


NOISE = [b"", b": alive", b":", b"event: message", b"id: 4", b"retry: 10", b"database"]


def stream(
    values: Sequence[Any], end: bytes, start: bytes, indent: int | None, noise: bytes
) -> bytes:
    """A stream as the standard allows it; `noise` is a line that says nothing."""
    lines = list[bytes]()
    for value in values:
        data = json.dumps(value, ensure_ascii=False, indent=indent)
        for line in data.encode(errors="surrogatepass").split(b"\n"):
            lines += [b"data: " + line, noise] if noise else [b"data:" + line]
        lines += [b"", b""] if noise else [b""]
    lines += [b"data: [DONE]", b""]
    return start + b"".join(line + end for line in lines)


@given(
    st.lists(st.fixed_dictionaries({"text": VALUES}), max_size=5),
    st.lists(st.integers(0, 400), max_size=8),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.sampled_from([None, 1]),
    st.sampled_from(NOISE),
)
def test_events_are_read_however_the_bytes_are_cut(values, cuts, end, start, indent, noise):
    whole = stream(values, end, start, indent, noise)
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    assert read(whole[a:b] for a, b in pairwise(places)) == values


@pytest.mark.parametrize("end", [b"\n\n", b"\r\r", b"\r\n\r\n"])
def test_events_are_read_from_single_bytes(end):
    whole = event({"text": "\u03c0\U0001f600"}, end) + event({"text": "b"}, end)
    assert read(whole[i : i + 1] for i in range(len(whole))) == [
        {"text": "\u03c0\U0001f600"},
        {"text": "b"},
    ]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1e"])
def test_other_characters_end_no_line(character):
    text = json.dumps({"text": "."}).replace(".", f"a{character}b")
    if character >= " ":  # JSON holds none of the others as they are
        assert read([f"data: {text}\n\n".encode()]) == [{"text": f"a{character}b"}]
    assert read([f": a{character}data: no JSON\n\n".encode(), event(1)]) == [1]


def test_an_event_ends_at_its_empty_line_alone():
    assert read([b'data: {"text":\n', b'data: "a"}\n', b"\n"]) == [{"text": "a"}]


def test_a_data_field_without_a_colon_is_an_empty_line_of_data():
    assert read([b'data: {"text":\ndata\ndata: "a"}\n\n']) == [{"text": "a"}]


def test_comments_and_other_fields_are_passed_over():
    assert read([b": alive\n\nevent: x\nid: 4\n", event({"text": "a"})]) == [{"text": "a"}]


@pytest.mark.parametrize("empty", [b"data:", b"data", b"data: ", b"data:\ndata:"])
def test_an_event_without_data_is_passed_over(empty):
    assert read([empty + b"\n\n", event({"text": "a"})]) == [{"text": "a"}]


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b'{"error": "Bad gateway"}\n'])
def test_an_answer_that_is_no_stream_is_shown(body):
    with pytest.raises(EventError, match="Bad gateway"):
        read([body])
    assert read([b"retry: 4\n\n", event({"text": "a"}), body]) == [{"text": "a"}]


def test_nothing_is_read_after_the_end():
    assert read([event(1), b"data: [DONE]\n\n", b"data: no JSON\n\n"]) == [1]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\r\n"])
def test_a_last_event_without_its_empty_line_is_read_where_it_is_whole(end):
    assert read([event({"text": "a"}), b'data: {"text": "b"}' + end]) == [
        {"text": "a"},
        {"text": "b"},
    ]


@given(st.integers(0, 16))
def test_a_last_event_that_is_cut_is_dropped(length):
    last = b'data: {"text": "b"}'[: 19 - 1 - length]
    assert read([event({"text": "a"}), last]) == [{"text": "a"}]


def test_a_number_at_the_end_may_have_been_cut():
    assert read([event(1), b"data: 2"]) == [1]


@pytest.mark.parametrize(
    "error", [{"message": "out of memory"}, "out of memory", {"detail": "out of memory"}]
)
def test_an_error_of_the_server_is_told(error):
    with pytest.raises(EventError, match="out of memory"):
        read([event({"text": "a"}), event({"error": error})])


@pytest.mark.parametrize(
    "bare",
    [
        {"object": "error", "message": "out of memory", "code": 500},
        {"message": "out of memory", "type": "InternalServerError"},
        {"detail": "out of memory"},
    ],
)
def test_an_error_that_stands_in_the_event_itself_is_told(bare):
    with pytest.raises(ErrorEventError, match="out of memory") as caught:
        read([event(bare)])
    assert caught.value.error == bare


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_an_event_that_is_no_json_is_an_error(data):
    with pytest.raises(EventError, match="not valid JSON"):
        read([b"data: " + data + b"\n\n"])


def test_a_line_without_end_is_given_up():
    with pytest.raises(EventError, match="over 1000 bytes"):
        read([b"data: "] + [b"x" * 100] * 20, longest=1000)


@pytest.mark.parametrize("line", [b"data: x\n", b"data:\n", b"data\n"])
def test_an_event_without_end_is_given_up(line):
    """Lines without a byte of data take memory as well."""
    with pytest.raises(EventError, match="over 1000 bytes"):
        read([line] * 200, longest=1000)


async def endless() -> AsyncIterator[bytes]:
    yield b"\n"
    await asyncio.Event().wait()


async def broken() -> AsyncIterator[bytes]:
    yield b"\n"
    raise httpx2.ReadError("broken")


@pytest.mark.parametrize("rest", [endless, broken])
@pytest.mark.parametrize("at_once", [True, False], ids=["closed at once", "read"])
def test_a_response_is_closed_whatever_follows_its_last_event(rest, at_once, monkeypatch):
    monkeypatch.setattr(event_stream, "END", 0.01)
    closed = asyncio.Event()

    async def check() -> None:
        endings, response = Endings(), AsyncExitStack()
        response.callback(closed.set)
        endings.read(rest(), response)
        if not at_once:
            async with asyncio.timeout(PATIENCE):
                await closed.wait()
        await endings.close()

    asyncio.run(check())
    assert closed.is_set()
