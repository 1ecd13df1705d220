"""GET /openapi.json: the server's description of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import __version__
from .requests import ChatRequest

REFERENCE = "#/components/schemas/{model}"

REFUSALS: Mapping[str, str] = {
    "400": "A field or the conversation cannot be, or the context is too long",
    "401": "The key is missing or wrong",
    "404": "No such model",
    "408": "The body came too slowly",
    "413": "The body is too large",
    "415": "The body is not announced as application/json",
    "429": "Too many requests wait",
    "500": "A fault of the server",
    "502": "The answer broke off and could not be continued",
    "503": "The model server is not there, or this one is shutting down",
    "504": "The model server did not answer in time",
}

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_NUMBER = {"type": "number", "minimum": 0}


def openapi(models: Sequence[str], *, with_key: bool) -> dict[str, Any]:
    """The description of a server with these models."""
    schema = ChatRequest.model_json_schema(ref_template=REFERENCE)
    schemas = schema.pop("$defs", {})
    schema["properties"]["model"] = {"enum": [*models], "description": "What answers."}
    # What makes a question: the last words are a user's, and say something.
    schema["properties"]["messages"]["contains"] = {"$ref": "#/components/schemas/Question"}
    schemas |= {
        "ChatRequest": schema,
        "Question": _object(
            {"role": {"const": "user"}, "content": {"type": "string", "pattern": "[A-Za-z0-9]"}}
        ),
        "ChatCompletion": _completion(),
        "Error": _object({"error": _object(dict.fromkeys(("message", "type"), _TEXT))}),
    }
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "SPRINT", "version": __version__},
        "paths": {
            "/v1/chat/completions": {"post": _chat()},
            "/v1/models": {"get": _get("The models", {"object": {"const": "list"}})},
            "/v1/models/{model}": {"get": _one_model()},
            "/health": {"get": _get("Whether requests are taken", {"status": _TEXT})},
            "/metrics": {"get": {"responses": {"200": _plain("For Prometheus")}}},
            "/openapi.json": {"get": _get("This description", {"openapi": _TEXT})},
        },
        "components": {"schemas": schemas},
    }
    if with_key:
        bearer = {"type": "http", "scheme": "bearer"}
        described["components"]["securitySchemes"] = {"key": bearer}
        described["security"] = [{"key": []}]
    return described


def _chat() -> dict[str, Any]:
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/ChatRequest"}}}
    answer = {
        "description": "The answer, or a stream of its chunks",
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/ChatCompletion"}},
            "text/event-stream": {"schema": _TEXT},
        },
    }
    return {
        "requestBody": {"required": True, "content": body},
        "responses": {"200": answer, **_refusals(*REFUSALS)},
    }


def _one_model() -> dict[str, Any]:
    described = _get("The model", {"id": _TEXT})
    described["responses"] |= _refusals("401", "404")
    named = {"name": "model", "in": "path", "required": True, "schema": _TEXT}
    return {**described, "parameters": [named]}


def _get(meaning: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    answer = {
        "description": meaning,
        "content": {"application/json": {"schema": _object(properties)}},
    }
    return {"responses": {"200": answer, **_refusals("401", "503")}}


def _refusals(*statuses: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
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
    ours = dict.fromkeys(("phases", "width", "cached_tokens"), _COUNT)
    ours |= dict.fromkeys(("seconds", "critical_path_seconds"), _NUMBER)
    ours["sequential_tokens"] = {"type": ["integer", "null"]}
    return _object(
        {
            "id": _TEXT,
            "object": {"const": "chat.completion"},
            "created": _COUNT,
            "model": _TEXT,
            "choices": {"type": "array", "items": choice},
            "usage": usage,
            "sprint": _object(ours),
        }
    )
