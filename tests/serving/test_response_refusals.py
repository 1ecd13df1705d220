"""Requests of the Responses API that are not answered, and those that are in spite of a field."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai import OpenAI
from sprint.serving.api_errors import ApiError
from sprint.serving.response_requests import ResponseRequest
from sprint.serving.validation import read
from support.bodies import mutated
from support.fake_server import FakeServer, Refusal, Reply
from support.scripts import QUESTION
from support.serving import Served, responding, script, served


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeServer]:
    with FakeServer() as found:
        found.script = script()
        yield found


@pytest.fixture(scope="module")
def server(model_server: FakeServer) -> Iterator[Served]:
    limits = {"max_body_bytes": 5000, "max_messages": 3, "max_characters": 900}
    with served(model_server, **limits) as found:
        yield found


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


PICTURE = [{"type": "input_image", "image_url": "http://127.0.0.1:1/x.png"}]
REASONING = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": None, "new": 1}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"input": None}, "input"),
    ({"input": ""}, "input"),
    ({"input": []}, "input"),
    ({"input": 5}, "input"),
    ({"input": [REASONING]}, "input"),
    ({"input": user("x") * 4}, "input"),
    ({"input": user("x") * 3, "instructions": "x"}, "input"),
    ({"input": "x" * 901}, "input"),
    ({"input": "x" * 500, "instructions": "x" * 500}, "input"),
    ({"input": [*user("x"), {"role": "assistant", "content": "y"}]}, "input"),
    ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role"),
    ({"input": ["x"]}, "input[0]"),
    ({"input": user(5)}, "input[0].content"),
    ({"input": user(PICTURE)}, "input[0].content[0].type"),
    ({"input": user([{"type": "text", "text": "x"}])}, "input[0].content[0].type"),
    ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].type"),
    ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].type"),
    ({"instructions": ["x"]}, "instructions"),
    ({"temperature": 2.1}, "temperature"),
    ({"top_p": 0}, "top_p"),
    ({"max_output_tokens": 0}, "max_output_tokens"),
    ({"max_output_tokens": "5"}, "max_output_tokens"),
    ({"stream": 1}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options.include_usage"),
    ({"tools": {"type": "web_search"}}, "tools"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"tool_choice": {"type": "function", "name": "x"}}, "tool_choice"),
    ({"text": {"format": {"type": "json_object"}}}, "text.format.type"),
    ({"text": {"verbosity": "low"}}, "text.verbosity"),
    ({"reasoning": {"effort": "low"}}, "reasoning.effort"),
    ({"reasoning": {"summary": "long"}}, "reasoning.summary"),
    ({"truncation": "auto"}, "truncation"),
    ({"background": True}, "background"),
    ({"background": 0}, "background"),
    ({"include": ["message.output_text.logprobs"]}, "include"),
    ({"top_logprobs": 1}, "top_logprobs"),
    ({"metadata": {"a": 5}}, "metadata.a"),
    ({"n": 2}, "n"),
    ({"logprobs": False}, "logprobs"),
]


@pytest.mark.parametrize(("fields", "param"), REFUSED, ids=lambda one: str(one)[:50])
def test_what_cannot_be_is_a_400_that_names_the_field(
    server: Served, fields: dict[str, Any], param: str
) -> None:
    response = server.respond(responding(**fields))
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["param"].startswith(param)
    assert error["message"]


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"previous_response_id": "resp_1"}, "send the whole conversation in input"),
        ({"conversation": "conv_1"}, "send the whole conversation in input"),
        ({"prompt": {"id": "pmpt_1"}}, "in input and instructions"),
        ({"background": True}, "set stream to true"),
        ({"include": ["message.output_text.logprobs"]}, "contains its reasoning"),
        ({"truncation": "auto"}, "Shorten the conversation"),
        ({"reasoning": {"effort": "high"}}, "Remove it"),
        ({"max_tokens": 5}, "Use max_output_tokens"),
        ({"messages": []}, "Use input"),
    ],
    ids=str,
)
def test_a_refusal_says_what_to_do(server: Served, fields: dict[str, Any], advice: str) -> None:
    assert advice in server.respond(responding(**fields)).json()["error"]["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [], "tool_choice": "auto", "parallel_tool_calls": False, "include": []},
        {"tools": [{"type": "web_search"}]},
        {"text": {"format": {"type": "text"}, "verbosity": "medium"}, "truncation": "disabled"},
        {"reasoning": {"effort": None, "summary": None}, "background": False, "top_logprobs": 0},
        {"previous_response_id": None, "conversation": None, "prompt": None, "max_tokens": None},
        {"store": False, "include": ["reasoning.encrypted_content"]},
        {"user": "me", "metadata": {"a": "b"}, "store": True, "service_tier": "auto"},
        {"stream_options": {"include_obfuscation": False}, "safety_identifier": "x"},
        {"input": [REASONING, *user([{"type": "input_text", "text": f"\n {QUESTION}\n"}])]},
        {"input": [{"type": "message", "status": None, **user(QUESTION)[0]}]},
    ],
    ids=str,
)
def test_what_changes_nothing_is_taken(server: Served, fields: dict[str, Any]) -> None:
    response = server.respond(responding(**fields))
    assert response.status_code == 200, response.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"model": NaN}', 400),
        (b"[" * 4000, 400),
        (b'{"model": "\\ud800", "input": "x"}', 400),
        (b"{}" + b" " * 5000, 413),
    ],
)
def test_a_body_that_is_no_request(server: Served, body: bytes, status: int) -> None:
    response = server.respond(body)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_refusals_of_every_endpoint(server: Served) -> None:
    assert server.respond(responding(), **{"Content-Type": "text/plain"}).status_code == 415
    assert server.respond(responding(model="gpt-4o")).json()["error"]["code"] == "model_not_found"
    assert server.get("/v1/responses").status_code == 405
    assert server.get("/v1/responses/resp_1").status_code == 404
    server.application.places.closed = True
    try:
        assert server.respond(responding()).json()["error"]["code"] == "shutting_down"
    finally:
        server.application.places.closed = False


def test_a_key_and_the_metrics(model_server: FakeServer) -> None:
    with served(model_server, api_key="a-long-key-1") as server:
        assert server.respond(responding()).status_code == 401
        right = server.respond(responding(), Authorization="Bearer a-long-key-1")
        assert right.status_code == 200
        metrics = server.get("/metrics").text
    assert 'sprint_requests_total{model="sprint",status="200"} 1.0' in metrics
    assert 'sprint_first_text_seconds_count{model="sprint"} 1.0' in metrics


def test_a_context_that_is_too_long_names_the_input(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.context = script(), 40
    with served(fake_server) as server:
        response = server.respond(responding(stream=True))
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("context_length_exceeded", "input")


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_any_text_has_a_status(fake_server: FakeServer, stream: bool) -> None:
    with served(fake_server) as server:
        fake_server.script = lambda _: Refusal(400, "secret internals")
        refused = server.respond(responding(stream=stream))
        assert (refused.status_code, "secret" in refused.text) == (400, False)
        fake_server.stop()
        gone = server.respond(responding(stream=stream))
        assert gone.status_code == 503
        client = OpenAI(base_url=server.url, api_key="none", max_retries=0)
        with pytest.raises(openai.InternalServerError):
            client.responses.create(model="sprint", input=QUESTION, stream=stream)


@pytest.mark.parametrize("text", [False, True])
def test_a_deadline(fake_server: FakeServer, text: bool) -> None:
    never = fake_server.gate()
    fake_server.script = lambda _: Reply.of(*(["<Plan_1>\nI think."] if text else []), never)
    with served(fake_server, request_deadline=2) as server:
        response = server.respond(responding())
    if not text:
        assert response.status_code == 504
        return
    found = response.json()
    assert found["status"] == "incomplete"
    assert found["output"][0]["content"][0]["text"].endswith("I think.")


def test_500_mutated_bodies_reach_no_fault(fake_server: FakeServer) -> None:
    """Each is refused or answered, and the server is as well as before."""
    drawn = random.Random(5)
    fake_server.script = lambda _: Reply.of("<Final_answer>\n5\n</Final_answer>")
    parts = [{"type": "input_text", "text": QUESTION}]
    body = responding(input=[REASONING, *user(parts)], reasoning={"summary": "auto"})
    with served(fake_server) as server:
        statuses = {server.respond(mutated(body, drawn)).status_code for _ in range(500)}
        assert statuses <= {200, 400, 404}
        assert 200 in statuses
        assert server.respond(responding()).json()["output"][0]["content"][0]["text"] == "5"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
FIELDS = responding(text={}, reasoning={}, include=[], instructions="x", conversation="x")


@settings(max_examples=50)
@given(st.sampled_from([*FIELDS, "tools", "x"]), json_values)
def test_any_value_of_a_field_is_read_or_refused(field: str, value: Any) -> None:
    body = json.dumps(responding(**{field: value})).encode()
    with suppress(ApiError):
        assert read(ResponseRequest, body).input
