"""Events come out of a response's bytes, however these are cut; what is no event is an error."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils import event_stream
from sprint.utils.event_stream import Endings, EventError, json_events
from support.limits import PATIENCE

VALUES = st.recursive(
    st.text() | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


def read(pieces: Iterable[bytes]) -> list[Any]:
    async def arriving() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def all_of_them() -> list[Any]:
        return [event async for event in json_events(arriving())]

    return asyncio.run(all_of_them())


def event(value: Any, end: bytes = b"\n\n") -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode(errors="surrogatepass") + end


@given(
    st.lists(st.fixed_dictionaries({"text": VALUES}), max_size=5),
    st.lists(st.integers(0, 400), max_size=8),
    st.sampled_from([b"\n\n", b"\r\n\r\n"]),
)
def test_events_are_read_however_the_bytes_are_cut(values, cuts, end):
    whole = b"".join(event(value, end) for value in values) + b"data: [DONE]" + end
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]
    assert read(pieces) == values


def test_comments_and_other_fields_are_passed_over():
    assert read([b": alive\n\nevent: x\nid: 4\n", event({"text": "a"})]) == [{"text": "a"}]


def test_nothing_is_read_after_the_end():
    assert read([event(1), b"data: [DONE]\n\n", b"data: no JSON\n\n"]) == [1]


def test_an_event_without_its_end_of_line_is_no_event():
    assert read([event({"text": "a"}), b'data: {"text": "b"}']) == [{"text": "a"}]


@pytest.mark.parametrize(
    "error", [{"message": "out of memory"}, "out of memory", {"detail": "out of memory"}]
)
def test_an_error_of_the_server_is_told(error):
    with pytest.raises(EventError, match="out of memory"):
        read([event({"text": "a"}), event({"error": error})])


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_an_event_that_is_no_json_is_an_error(data):
    with pytest.raises(EventError, match="no JSON"):
        read([b"data: " + data + b"\n\n"])


def test_a_line_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(event_stream, "LONGEST_EVENT", 1000)
    with pytest.raises(EventError, match="over 1000 bytes"):
        read([b"data: "] + [b"x" * 100] * 20)


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
