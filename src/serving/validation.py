"""Reads the body of a request, or says which field is wrong."""

from __future__ import annotations

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from .api_errors import ApiError, of_field
from .request_fields import TAGS, AnyRequest, SolveRequest


def read(kind: type[AnyRequest], body: bytes) -> AnyRequest:
    """Parse a body. Raises ApiError, which names the field, if it is invalid."""
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError(400, "The body is not valid JSON.", code="invalid_json") from error
    if not isinstance(content, dict):
        raise ApiError(400, "The body must be a JSON object.", code="invalid_json")
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise _refused(kind, error) from error


def _refused(kind: type[SolveRequest], error: ValidationError) -> ApiError:
    """The first error. Unknown fields are reported only if there is no other error."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    fault = next((one for one in faults if one["type"] != "extra_forbidden"), faults[0])
    if not fault["loc"]:
        return of_field(None, f"The body: {fault['msg']}.", "invalid_value")
    param = _param(fault)
    advice = kind.INSTEAD.get(param)
    if advice or fault["type"] == "extra_forbidden":
        advice = advice or "Remove it."
        return of_field(param, f"{param} is not supported. {advice}", "unsupported_parameter")
    name = str(fault["loc"][0])
    if name in kind.PARTLY:
        return of_field(param, f"{name} supports only {kind.PARTLY[name]}.", "unsupported_value")
    if fault["type"] == "missing":
        return of_field(param, f"{param} is missing.", "missing_required_parameter")
    return of_field(param, f"{param}: {fault['msg']}.", "invalid_value")


def _param(fault: ErrorDetails) -> str:
    """For example `messages[0].content[1].type`. Long unknown names are truncated."""
    param = ""
    for step in fault["loc"]:
        if step in TAGS:
            continue
        if isinstance(step, int):
            param += f"[{step}]"
        else:
            param += f".{step[:60]}" if param else step[:60]
    return param
