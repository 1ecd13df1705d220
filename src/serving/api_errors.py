"""What a client is told where it gets no answer: OpenAI's error object, and the right status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ..utils.errors import (
    RefusedError,
    ServerError,
    SilentError,
    SprintError,
    TooLongError,
    TransientError,
)

LONGEST = 400
"""Characters of a message."""


class ApiError(SprintError):
    """A request has no answer. `param` names the field that is the reason."""

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
    """JSON in ASCII: what a client repeats of a request may be no valid Unicode."""
    text = json.dumps(content, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), media_type="application/json")


def of_field(param: str, message: str, code: str | None = None) -> ApiError:
    """The error of one field of a request."""
    return ApiError(400, message, param=param, code=code)


def of_solver(error: SprintError) -> ApiError:
    """The error for what kept a problem from being solved.

    What a model server says may hold its address, and is for the log alone.
    """
    match error:
        case ApiError():
            return error
        case TooLongError():
            return of_field("messages", _too_long(error), "context_length_exceeded")
        case RefusedError():
            return ApiError(
                400, "The model server refuses the request.", code="refused_by_model_server"
            )
        case SilentError():
            return upstream_silent()
        case TransientError() | ServerError():
            return upstream_down()
    return internal()


def upstream_silent() -> ApiError:
    said = "The model server did not answer in time. Try again later."
    return ApiError(504, said, "server_error", code="model_server_timeout")


def upstream_down() -> ApiError:
    return ApiError(
        503,
        "The model server cannot be reached, or its calls keep failing. Try again later.",
        "server_error",
        code="model_server_unavailable",
        headers={"Retry-After": "10"},
    )


def internal() -> ApiError:
    said = "The server failed on this request. Its log says more."
    return ApiError(500, said, "server_error", code="internal_error")


def _too_long(error: TooLongError) -> str:
    of = f" of {error.context} tokens" if error.context else ""
    have = f" have {error.prompt} tokens, which" if error.prompt else ""
    return f"The messages{have} do not fit the model's context{of}. Shorten them."
