"""Errors that a client receives: OpenAI's error object and an HTTP status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ..utils.errors import (
    CallError,
    ServerError,
    SilentError,
    SprintError,
    TooLongError,
    TransientError,
)

LONGEST = 400
"""Maximum characters of a message."""
SOON = {"Retry-After": "10"}
"""The header for a client that should try again soon."""


class ApiError(SprintError):
    """A request failed. `param` names the field that caused it."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str = "invalid_request_error",
        *,
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.param, self.code = status, kind, param, code
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The error object."""
        error = {
            "message": str(self)[:LONGEST],
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }
        return {"error": error}

    def response(self) -> Response:
        return json_response(self.body, self.status, self.headers)


def json_response(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON in ASCII: text echoed from a request may be invalid Unicode."""
    text = json.dumps(content, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), media_type="application/json")


def of_field(param: str | None, message: str, code: str | None = None) -> ApiError:
    """An error in one field of a request."""
    return ApiError(400, message, param=param, code=code)


def unknown_model(advice: str) -> ApiError:
    said = f"The model does not exist. {advice}"
    return ApiError(404, said, param="model", code="model_not_found")


def of_solver(error: SprintError, conversation: str | None = None) -> ApiError:
    """The client's error for an error of the solver. `conversation`: the field that holds it.

    A model server's message may contain its address, so it is only logged.
    """
    match error:
        case ApiError():
            return error
        case TooLongError():
            return of_field(conversation, _too_long(error), "context_length_exceeded")
        case SilentError():
            return upstream_silent()
        case TransientError() | ServerError():
            return upstream_down()
        case CallError():
            said = "The model server rejected the request."
            return ApiError(400, said, code="refused_by_model_server")
    return internal()


def shutting_down() -> ApiError:
    return ApiError(
        503,
        "The server is shutting down. Use another server, or try again later.",
        "server_error",
        code="shutting_down",
        headers={**SOON, "Connection": "close"},
    )


def upstream_silent() -> ApiError:
    said = "The model server did not answer in time. Try again later."
    return ApiError(504, said, "server_error", code="model_server_timeout")


def upstream_down() -> ApiError:
    return ApiError(
        503,
        "The model server is unreachable, or its calls keep failing. Try again later.",
        "server_error",
        code="model_server_unavailable",
        headers=SOON,
    )


def internal() -> ApiError:
    said = "The server failed on this request. See its log for details."
    return ApiError(500, said, "server_error", code="internal_error")


def _too_long(error: TooLongError) -> str:
    whole = f" of {error.context} tokens" if error.context else ""
    has = f" has {error.prompt} tokens, which do" if error.prompt else " does"
    return f"The conversation{has} not fit the model's context{whole}. Shorten it."
