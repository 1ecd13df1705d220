"""GET /openapi.json: the server's description of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import __version__
from .chat_api import CHAT
from .request_fields import SolveRequest
from .requests import ChatRequest
from .response_requests import ResponseRequest
from .responses_api import RESPONSES

REFERENCE = "#/components/schemas/{model}"

REFUSALS: Mapping[str, str] = {
    "400": "A field or the conversation is invalid, or the context is too long",
    "401": "The API key is missing or invalid",
    "403": "The server only answers requests for localhost",
    "404": "The model does not exist",
    "408": "The body arrived too slowly",
    "413": "The body is too large",
    "415": "The Content-Type is not application/json",
    "429": "The queue is full",
    "500": "Internal server error",
    "502": "A call failed within the answer, and its retry differed",
    "503": "The model server is unreachable, or this server is shutting down",
    "504": "The model server did not answer in time",
}

_TEXT = {"type": "string"}
_WORDS = {"type": "string", "pattern": "[A-Za-z0-9]"}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number", "minimum": 0}


def openapi(models: Sequence[str], *, with_key: bool) -> dict[str, Any]:
    """The description of a server with these models."""
    schemas = {
        **_request(ChatRequest, models),
        **_request(ResponseRequest, models),
        "Question": _object({"role": {"const": "user"}, "content": _WORDS}),
        "ChatCompletion": _completion(),
        "Response": _response(),
        "StreamEvent": _stream_event(),
        "Error": _object({"error": _object(dict.fromkeys(("message", "type"), _TEXT))}),
    }
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "SPRINT", "version": __version__},
        "paths": {
            CHAT.path: {"post": _answered("ChatRequest", "ChatCompletion")},
            RESPONSES.path: {"post": _answered("ResponseRequest", "Response")},
            "/v1/models": {"get": _get("The models", {"object": {"const": "list"}})},
            "/v1/models/{model}": {"get": _one_model()},
            "/health": _public(_get("Whether the server accepts requests", {"status": _TEXT})),
            "/metrics": _public({"responses": {"200": _plain("Metrics for Prometheus")}}),
            "/openapi.json": _public(_get("This description", {"openapi": _TEXT})),
        },
        "components": {"schemas": schemas},
    }
    if with_key:
        bearer = {"type": "http", "scheme": "bearer"}
        described["components"]["securitySchemes"] = {"key": bearer}
        described["security"] = [{"key": []}]
    return described


def _request(kind: type[SolveRequest], models: Sequence[str]) -> dict[str, Any]:
    """The schemas of a request: its own, and those of its parts."""
    schema = kind.model_json_schema(ref_template=REFERENCE)
    schemas = schema.pop("$defs", {})
    schema["properties"]["model"] = {"enum": [*models], "description": "Model name."}
    conversation = schema["properties"][kind.CONVERSATION]
    for one in conversation.get("oneOf", [conversation]):
        # A question: at least one user message with text.
        question = {"contains": _reference("Question")} if one["type"] == "array" else _WORDS
        one.update(question)
    return {**schemas, kind.__name__: schema}


def _answered(request: str, answer: str) -> dict[str, Any]:
    body = {"application/json": {"schema": _reference(request)}}
    success = {
        "description": "The answer, or a stream",
        "content": {
            "application/json": {"schema": _reference(answer)},
            "text/event-stream": {"schema": _reference("StreamEvent")},
        },
    }
    return {
        "requestBody": {"required": True, "content": body},
        "responses": {"200": success, **_refusals(*REFUSALS)},
    }


def _one_model() -> dict[str, Any]:
    described = _get("The model", {"id": _TEXT})
    described["responses"] |= _refusals("401", "403", "404")
    named = {"name": "model", "in": "path", "required": True, "schema": _TEXT}
    return {**described, "parameters": [named]}


def _get(meaning: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    answer = {
        "description": meaning,
        "content": {"application/json": {"schema": _object(properties)}},
    }
    return {"responses": {"200": answer, **_refusals("401", "403", "503")}}


def _public(described: dict[str, Any]) -> dict[str, Any]:
    """Needs no key."""
    described["responses"].pop("401", None)
    return {"get": {**described, "security": []}}


def _refusals(*statuses: str) -> dict[str, Any]:
    content = {"application/json": {"schema": _reference("Error")}}
    return {status: {"description": REFUSALS[status], "content": content} for status in statuses}


def _plain(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"text/plain": {"schema": _TEXT}}}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "required": [*properties]}


def _completion() -> dict[str, Any]:
    message = _object(dict.fromkeys(("role", "content", "reasoning_content", "reasoning"), _TEXT))
    choice = _object(
        {"index": _COUNT, "message": message, "finish_reason": {"enum": ["stop", "length"]}}
    )
    usage = _object(dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), _COUNT))
    return _object(
        {
            "id": _TEXT,
            "object": {"const": "chat.completion"},
            "created": _COUNT,
            "model": _TEXT,
            "choices": {"type": "array", "items": choice},
            "usage": usage,
            "sprint": _figures(),
        }
    )


def _response() -> dict[str, Any]:
    item = _object({"id": _TEXT, "type": {"enum": ["reasoning", "message"]}, "status": _TEXT})
    usage = _object(dict.fromkeys(("input_tokens", "output_tokens", "total_tokens"), _COUNT))
    return _object(
        {
            "id": _TEXT,
            "object": {"const": "response"},
            "created_at": _COUNT,
            "model": _TEXT,
            "status": {"enum": ["completed", "incomplete"]},
            "output": {"type": "array", "items": item},
            "usage": usage,
            "sprint": _figures(),
        }
    )


def _stream_event() -> dict[str, Any]:
    """Of a stream of server-sent events: its data is JSON or, at the end of a chat, [DONE]."""
    event = _object({"data": _TEXT})
    event["properties"]["event"] = _TEXT
    return event


def _figures() -> dict[str, Any]:
    ours = dict.fromkeys(("phases", "width", "cached_tokens"), _COUNT)
    ours |= dict.fromkeys(("seconds", "critical_path_seconds"), _NUMBER)
    ours["sequential_tokens"] = {"type": ["integer", "null"]}
    return _object(ours)


def _reference(schema: str) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=schema)}
