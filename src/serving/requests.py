"""A chat request: which fields it may have, and what they mean here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    WithJsonSchema,
)
from pydantic_core import ErrorDetails, from_json

from ..utils.config.values import MOST
from .api_errors import ApiError, of_field

_TEXT, _PARTS = "as_text", "as_parts"


def _require_false(value: bool) -> bool:
    """Not a Literal, for which 0 is False."""
    if value:
        raise ValueError("expected false")
    return value


Text = Annotated[str, Field(max_length=10_000_000)]
Zero = Annotated[float, Field(ge=0, le=0)]
No = Annotated[
    bool, AfterValidator(_require_false), WithJsonSchema({"type": "boolean", "const": False})
]
StopText = Annotated[str, Field(min_length=1, max_length=512)]
Metadata = dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]]


class Part(BaseModel):
    """A part of a message: text alone."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: Literal["text"]
    text: Text


Content = Annotated[
    Annotated[Text, Tag(_TEXT)] | Annotated[list[Part], Tag(_PARTS)],
    Discriminator(lambda value: _PARTS if isinstance(value, list) else _TEXT),
]


class Message(BaseModel):
    """A turn of a conversation. What an assistant's turn says beside its content is left out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    role: Literal["system", "developer", "user", "assistant"]
    content: Content | None = None
    name: Text | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    refusal: None = None
    tool_calls: Annotated[list[Any], Field(max_length=0)] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n\n".join(part.text for part in self.content)
        return self.content or ""


class StreamOptions(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    include_usage: bool | None = None
    """Send the usage in a chunk of its own before the end."""
    include_events: bool | None = None
    """Ours: send each event of the solver in a chunk of its own."""
    include_obfuscation: bool | None = None
    """Without effect."""


class ResponseFormat(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    type: Literal["text"]


class ChatRequest(BaseModel):
    """The body of POST /v1/chat/completions.

    A field that is not here is refused, unless it is null.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    model: Annotated[str, Field(min_length=1, max_length=1000)]
    """The served name, or `serial`."""
    messages: Annotated[list[Message], Field(min_length=1)]
    """The conversation; it ends with the user's question."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """Sampling temperature of every call; by default the server's."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """By default the server's."""
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    """Equal requests get equal answers, as far as the model server repeats its own."""
    stop: StopText | Annotated[list[StopText], Field(max_length=4)] | None = None
    """The answer ends before the first of these texts in it; the thought does not."""
    max_tokens: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """The same as max_completion_tokens; of both the smaller counts."""
    max_completion_tokens: Annotated[int, Field(ge=1, le=MOST)] | None = None
    """Tokens of all calls together, thought and discarded ones too."""
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    """Answers, each a problem of its own."""
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: Text | None = None
    """Without effect, as all that follows."""
    metadata: Metadata | None = None
    store: bool | None = None
    service_tier: Literal["auto", "default"] | None = None
    safety_identifier: Text | None = None
    prompt_cache_key: Text | None = None
    parallel_tool_calls: bool | None = None
    presence_penalty: Zero | None = None
    frequency_penalty: Zero | None = None
    logprobs: No | None = None
    logit_bias: Annotated[dict[str, Any], Field(max_length=0)] | None = None
    tools: Annotated[list[Any], Field(max_length=0)] | None = None
    functions: Annotated[list[Any], Field(max_length=0)] | None = None
    tool_choice: Literal["none", "auto"] | None = None
    response_format: ResponseFormat | None = None
    modalities: Annotated[list[Literal["text"]], Field(min_length=1, max_length=1)] | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def budget(self) -> int:
        """The tokens of the whole tree; 0 without limit."""
        given = [one for one in (self.max_tokens, self.max_completion_tokens) if one is not None]
        return min(given, default=0)


def read_request(body: bytes) -> ChatRequest:
    """The request in a body. Raises ApiError, which names the field, for what is none."""
    try:
        content = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ApiError(400, "The body is no valid JSON.", code="invalid_json") from error
    if not isinstance(content, dict):
        raise ApiError(400, "The body should be a JSON object.", code="invalid_json")
    given = {name: value for name, value in content.items() if value is not None}
    try:
        return ChatRequest.model_validate(given)
    except ValidationError as error:
        raise _refused(error) from error


def _refused(error: ValidationError) -> ApiError:
    """The first fault; an unknown field only where there is no other."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    fault = next((one for one in faults if one["type"] != "extra_forbidden"), faults[0])
    param = _param(fault)
    if fault["type"] == "extra_forbidden":
        return of_field(param, f"{param} is not supported: leave it out.", "unsupported_parameter")
    name, *_ = fault["loc"]
    if name in UNSUPPORTED:
        return of_field(
            param, f"{name} is not supported but for {UNSUPPORTED[str(name)]}.", "unsupported_value"
        )
    if fault["type"] == "missing":
        return of_field(param, f"{param} is missing.", "missing_required_parameter")
    return of_field(param, f"{param}: {fault['msg']}.", "invalid_value")


UNSUPPORTED: Mapping[str, str] = {
    "presence_penalty": "0",
    "frequency_penalty": "0",
    "logprobs": "false",
    "logit_bias": "an empty object",
    "tools": "an empty list",
    "functions": "an empty list",
    "tool_choice": "'none' and 'auto'",
    "response_format": "the type 'text'",
    "modalities": "['text']",
}
"""Fields whose other values would change the answer, and the values that are taken."""


def _param(fault: ErrorDetails) -> str:
    """`messages[0].content[1].type`; a name that a client has made up is shortened."""
    param = ""
    for step in fault["loc"]:
        if step in (_TEXT, _PARTS):
            continue
        if isinstance(step, int):
            param += f"[{step}]"
        else:
            param += f".{step[:60]}" if param else step[:60]
    return param
