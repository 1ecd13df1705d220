"""Requests that are not answered: the status, the error object, and the field that is named."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sprint.serving.api_errors import ApiError
from sprint.serving.request_fields import MOST_FIELDS, SolveRequest
from sprint.serving.requests import ChatRequest
from sprint.serving.response_requests import ResponseRequest
from sprint.serving.validation import read
from support.bodies import mutated
from support.fake_server import FakeServer, Fault, Refusal, Reply
from support.scripts import QUESTION
from support.serving import Served, asking, script, served


@pytest.fixture(scope="module")
def model_server() -> Iterator[FakeServer]:
    with FakeServer() as found:
        found.script = script()
        yield found


@pytest.fixture(scope="module")
def server(model_server: FakeServer) -> Iterator[Served]:
    limits = {"max_body_bytes": 5000, "max_messages": 3, "max_characters": 900, "max_choices": 2}
    with served(model_server, **limits) as found:
        yield found


def user(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


PICTURE = [{"type": "image_url", "image_url": {"url": "http://127.0.0.1:1/x.png"}}]

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"messages": []}, "messages"),
    ({"messages": user("")}, "messages"),
    ({"messages": user("x") * 4}, "messages"),
    ({"messages": user("x" * 901)}, "messages"),
    ({"messages": [*user("x"), {"role": "assistant", "content": "y"}]}, "messages"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
    ({"messages": user(5)}, "messages[0].content"),
    ({"messages": user(PICTURE)}, "messages[0].content[0].type"),
    ({"temperature": 2.1}, "temperature"),
    ({"temperature": "0"}, "temperature"),
    ({"temperature": True}, "temperature"),
    ({"top_p": 0}, "top_p"),
    ({"seed": 0.5}, "seed"),
    ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
    ({"stop": ""}, "stop"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": 10**10}, "max_completion_tokens"),
    ({"n": 3}, "n"),
    ({"n": 0}, "n"),
    ({"stream": 1}, "stream"),
    ({"stream_options": {"other": True}}, "stream_options.other"),
    ({"tools": "function"}, "tools"),
    ({"tools": [{}] * 129}, "tools"),
    ({"tool_choice": "required"}, "tool_choice"),
    ({"functions": [{}]}, "functions"),
    ({"response_format": {"type": "json_object"}}, "response_format.type"),
    ({"logprobs": True}, "logprobs"),
    ({"logprobs": 0}, "logprobs"),
    ({"logit_bias": {"5": 1}}, "logit_bias"),
    ({"modalities": ["audio"]}, "modalities[0]"),
    ({"audio": {"voice": "x"}}, "audio"),
    ({"presence_penalty": 0.5}, "presence_penalty"),
    ({"frequency_penalty": -1}, "frequency_penalty"),
    ({"top_k": 5}, "top_k"),
]


@pytest.mark.parametrize(("fields", "param"), REFUSED, ids=lambda one: str(one)[:40])
def test_what_cannot_be_is_a_400_that_names_the_field(
    server: Served, fields: dict[str, Any], param: str
) -> None:
    response = server.post(asking(**fields))
    error = response.json()["error"]
    assert (response.status_code, error["type"]) == (400, "invalid_request_error")
    assert error["param"].startswith(param)
    assert error["message"]


@pytest.mark.parametrize(
    "fields",
    [
        {"tools": [{"type": "function", "function": {"name": "x"}}], "tool_choice": "auto"},
        {"tools": [], "tool_choice": "none", "presence_penalty": 0, "logprobs": False},
        {"audio": None, "functions": None, "seed": None, "stop": None},
        {"user": "me", "metadata": {"a": "b"}, "store": True, "service_tier": "auto"},
        {"response_format": {"type": "text"}, "modalities": ["text"], "logit_bias": {}},
        {"messages": user([{"type": "text", "text": QUESTION}])},
        {"messages": [{"role": "user", "content": f"\n {QUESTION}\n", "name": "me"}]},
    ],
    ids=str,
)
def test_what_changes_nothing_is_taken(server: Served, fields: dict[str, Any]) -> None:
    assert server.post(asking(**fields)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{oops", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'{"model": NaN}', 400),
        (b"\xff\xfe", 400),
        (b"[" * 4000, 400),
        (b'{"model": "\\ud800", "messages": []}', 400),
        (b"{}" + b" " * 5000, 413),
    ],
)
def test_a_body_that_is_no_request(server: Served, body: bytes, status: int) -> None:
    response = server.post(body)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}


def test_another_type_of_body_is_refused(server: Served) -> None:
    """A page of another origin can send it without being asked for leave."""
    assert server.post(asking(), **{"Content-Type": "text/plain"}).status_code == 415


def test_a_wrong_model_is_a_404(server: Served) -> None:
    response = server.post(asking(model="gpt-4o"))
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"
    assert server.get("/v1/models/gpt-4o").status_code == 404


@pytest.mark.parametrize(("path", "status"), [("/v1/other", 404), ("/v1/chat/completions", 405)])
def test_no_endpoint_has_an_error_object(server: Served, path: str, status: int) -> None:
    response = server.get(path)
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_other_endpoints(server: Served) -> None:
    assert [one["id"] for one in server.get("/v1/models").json()["data"]] == ["sprint", "serial"]
    assert server.get("/v1/models/serial").json()["id"] == "serial"
    assert server.get("/health").json() == {"status": "ok"}
    assert server.get("/openapi.json").json()["openapi"].startswith("3.1")
    server.post(asking())
    metrics = server.get("/metrics").text
    assert 'sprint_requests_total{model="sprint",status="200"}' in metrics
    assert "sprint_problems_running 0.0" in metrics


@pytest.mark.parametrize("given", ["", "Bearer wrong-key-123", "Basic a-long-key-1", "Bearer"])
def test_a_wrong_key_is_a_401(model_server: FakeServer, given: str) -> None:
    with served(model_server, api_key="a-long-key-1") as server:
        assert server.get("/v1/models", Authorization=given).status_code == 401
        response = server.post(asking(), Authorization=given)
        assert response.json()["error"]["code"] == "invalid_api_key"
        assert server.get("/health").status_code == 200
        right = server.post(asking(), Authorization="Bearer a-long-key-1")
        assert right.status_code == 200
    assert "a-long-key-1" not in right.text


def test_a_context_that_is_too_long_is_a_400(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.context = script(), 40
    with served(fake_server) as server:
        response = server.post(asking(stream=True))
        assert response.status_code == 400
        assert response.json()["error"]["code"] == "context_length_exceeded"


def test_a_request_that_the_model_server_refuses_is_a_400(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(400, "secret internals")
    with served(fake_server) as server:
        response = server.post(asking())
    assert response.status_code == 400
    assert "secret" not in response.text


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_server_that_is_gone_is_a_503(fake_server: FakeServer, stream: bool) -> None:
    with served(fake_server) as server:
        fake_server.stop()
        response = server.post(asking(stream=stream))
        assert response.status_code == 503
        assert response.headers["Retry-After"]
        assert "127.0.0.1" not in response.text


def test_calls_that_keep_failing_are_a_503(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(Fault.CUT)
    with served(fake_server) as server:
        assert server.post(asking()).status_code == 503


def test_a_model_server_that_is_silent_is_a_504(fake_server: FakeServer) -> None:
    never = fake_server.gate()
    fake_server.script = lambda _: Reply.of(never)
    with served(fake_server, timeout=0.1) as server:
        assert server.post(asking()).status_code == 504


@pytest.mark.parametrize("model", ["sprint", "serial"])
def test_a_deadline_before_any_text_is_a_504(fake_server: FakeServer, model: str) -> None:
    never = fake_server.gate()
    fake_server.script = lambda _: Reply.of(never)
    with served(fake_server, request_deadline=0.2) as server:
        assert server.post(asking(model=model)).status_code == 504


@pytest.mark.parametrize("model", ["sprint", "serial"])
def test_a_deadline_behind_some_text_ends_the_answer(fake_server: FakeServer, model: str) -> None:
    never = fake_server.gate()
    fake_server.script = lambda _: Reply.of("<Plan_1>\nI think.", never)
    with served(fake_server, request_deadline=2) as server:
        found = server.post(asking(model=model)).json()["choices"][0]
    assert found["finish_reason"] == "length"
    assert found["message"]["reasoning"].endswith("I think.")


def test_a_fault_of_ours_is_a_500_of_that_request_alone(
    model_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    with served(model_server) as server:
        backend = server.application.backend
        whole, backend._sprint = backend._sprint, None  # type: ignore[assignment]
        failed = server.post(asking())
        backend._sprint = whole
        assert server.post(asking()).status_code == 200
    assert failed.status_code == 500
    assert failed.json()["error"]["code"] == "internal_error"
    assert "AttributeError" in caplog.text
    assert QUESTION not in caplog.text


ITEMS = 20_000
BLOCKING: list[tuple[type[SolveRequest], dict[str, Any]]] = [
    (ChatRequest, {"messages": [{}] * ITEMS}),
    (ChatRequest, {"messages": user([{}] * ITEMS)}),
    (ChatRequest, {"messages": [{f"x{number}": 1 for number in range(ITEMS)}]}),
    (ChatRequest, {"messages": user("x"), "metadata": {f"x{one}": 1 for one in range(ITEMS)}}),
    (ChatRequest, asking() | {f"x{number}": 1 for number in range(ITEMS)}),
    (ChatRequest, {"messages": user("x"), "stop": [""] * ITEMS}),
    (ResponseRequest, {"input": [{}] * ITEMS}),
    (ResponseRequest, {"input": user([{}] * ITEMS)}),
    (ResponseRequest, {"input": "x", "include": [1] * ITEMS}),
]


@pytest.mark.parametrize(("kind", "body"), BLOCKING)
def test_a_body_with_many_faults_is_refused_at_the_first(
    kind: type[SolveRequest], body: dict[str, Any]
) -> None:
    """Each fault takes time, during which no other request is answered."""
    with pytest.raises(ApiError) as refused:
        read(kind, json.dumps({"model": "sprint", **body}).encode())
    assert isinstance(refused.value.__cause__, ValidationError)
    assert refused.value.__cause__.error_count() < 2 * MOST_FIELDS


@pytest.mark.parametrize("model", ["sprint", "serial"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [405, 410, 413, 451])
def test_another_refusal_of_the_model_server_is_a_400(
    fake_server: FakeServer, status: int, stream: bool, model: str
) -> None:
    """Such as a proxy's for a body that is too large."""
    fake_server.script = lambda _: Refusal(status)
    events = {"stream_options": {"include_events": True}} if stream else {}
    with served(fake_server) as server:
        refused = server.post(asking(model=model, stream=stream, **events))
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "refused_by_model_server"


def test_a_conversation_that_is_too_long_for_a_forced_answer(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.context = script(), 40
    with served(fake_server, max_phases=1) as server:
        refused = server.post(asking())
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "context_length_exceeded"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_websocket_is_refused_like_any_request(server: Served, method: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    upgrade["Sec-WebSocket-Key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    answer = server.client.request(method, f"{server.url}/chat/completions", headers=upgrade)
    assert answer.status_code == (415 if method == "POST" else 405)
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_500_mutated_bodies_reach_no_fault(fake_server: FakeServer) -> None:
    """Each is refused or answered, and the server is as well as before."""
    drawn = random.Random(5)
    fake_server.script = lambda _: Reply.of("<Final_answer>\n5\n</Final_answer>")
    with served(fake_server) as server:
        statuses = {server.post(mutated(asking(), drawn)).status_code for _ in range(500)}
        assert statuses <= {200, 400, 404}
        assert server.post(asking()).json()["choices"][0]["message"]["content"] == "5"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.sampled_from([*asking(n=1, stop="x", stream_options={}), "tools", "x"]), json_values)
def test_any_value_of_a_field_is_read_or_refused(field: str, value: Any) -> None:
    body = json.dumps(asking(**{field: value})).encode()
    with suppress(ApiError):
        assert read(ChatRequest, body).messages


def test_the_warning_of_a_short_context_names_flags_of_the_server(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake_server.script, fake_server.context = script(), 4096
    with served(fake_server) as server:
        assert server.post(asking(model="serial")).status_code == 200
    assert "--serial_tokens 36000" in caplog.text
    assert "--max_tokens" not in caplog.text
