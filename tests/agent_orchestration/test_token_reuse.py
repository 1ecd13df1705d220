"""Contexts are sent as the token ids of earlier calls, where server and tokenizer allow it."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest
from sprint.utils.grammar import render
from support.fake_decoder import code_points
from support.fake_server import Answer, FakeServer, Refusal, Request
from support.scripts import TRAJECTORY, Scripted, calls_of
from support.solving import solve


def other_points(text: str) -> list[int]:
    return [ord(character) + 1 for character in text]


def as_ids(request: Request) -> bool:
    return isinstance(request.body["prompt"], list)


def test_all_but_the_first_request_extend_known_tokens(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    assert solve(fake_server, tokenize=code_points).text == render(TRAJECTORY)
    first, *others = fake_server.requests
    assert not as_ids(first)
    assert all(map(as_ids, others))


def test_what_was_generated_is_not_tokenized_again(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    tokenized: list[str] = []

    def tokenize(text: str) -> list[int]:
        tokenized.append(text)
        return code_points(text)

    solve(fake_server, tokenize=tokenize)
    first, *later = tokenized
    assert first == fake_server.requests[0].context  # compared with what the server says
    for text in ("Work out 2*3", "2*3=6", "4*5 is twice", "6+20=26"):
        assert not any(text in piece for piece in later)


@pytest.mark.parametrize("tells_ids", [False, True])
def test_text_is_sent_where_ids_cannot_be(
    fake_server: FakeServer, tells_ids: bool, caplog: pytest.LogCaptureFixture
) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), tells_ids
    result = solve(fake_server, tokenize=other_points)
    assert result.text == render(TRAJECTORY)
    assert not any(map(as_ids, fake_server.requests))
    told = [message for message in caplog.messages if "tokenizer differs from" in message]
    assert len(told) == tells_ids


def test_a_tokenizer_whose_tags_are_other_tokens_is_not_used(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Such as that of the base of a model with tokens of tags: they agree on every prompt."""
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    tag = "<Plan_1>\n"

    def tokenize(text: str) -> list[int]:
        return code_points(text.replace(tag, "\U0010ffff"))

    assert solve(fake_server, tokenize=tokenize).text == render(TRAJECTORY)
    assert not any(map(as_ids, fake_server.requests))
    assert caplog.text.count("tokenizer differs from") == 1


def test_token_ids_are_not_asked_for_without_a_tokenizer(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    solve(fake_server)
    assert not any("return_token_ids" in request.body for request in fake_server.requests)


def test_executors_wait_behind_planners_at_the_server(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    solve(fake_server)
    for request in fake_server.requests:
        is_executor = "<execution_" in request.context[-40:].split("</")[-1]
        assert request.body.get("priority", 0) == int(is_executor)


def test_a_server_that_refuses_ids_is_sent_text(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """A router in front of it may hand on texts alone."""
    script = Scripted(calls_of())

    def without_ids(request: Request) -> Answer | Awaitable[Answer]:
        return Refusal(400, "prompt must be a string") if as_ids(request) else script(request)

    fake_server.script, fake_server.tells_ids = without_ids, True
    assert solve(fake_server, tokenize=code_points).text == render(TRAJECTORY)
    assert caplog.text.count("accepts no token ids") >= 1
    assert not as_ids(fake_server.requests[-1])


def test_a_tokenizer_that_puts_a_space_before_each_piece_is_not_used(
    fake_server: FakeServer,
) -> None:
    """What it makes of two pieces is not what it makes of their text."""
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True

    def tokenize(text: str) -> list[int]:
        # The whole prompt agrees with the server's, a token at its start aside.
        return code_points(text) if text.startswith("Solve") else code_points(f" {text}")

    text = fake_server.requests
    assert solve(fake_server, tokenize=tokenize).text == render(TRAJECTORY)
    assert not any(map(as_ids, text))
