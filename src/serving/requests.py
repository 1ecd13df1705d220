"""A chat request: its fields and their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from .request_fields import (
    AS_LIST,
    AS_TEXT,
    No,
    RequestPart,
    SolveRequest,
    Text,
    Tokens,
    Zero,
    text_of,
    text_or_list,
)


class Part(RequestPart):
    """A part of a message. Only text is supported."""

    type: Literal["text"]
    text: Text


Content = Annotated[
    Annotated[Text, Tag(AS_TEXT)] | Annotated[list[Part], Field(fail_fast=True), Tag(AS_LIST)],
    Discriminator(text_or_list),
]


class Message(RequestPart):
    """A turn of a conversation. Only its content is used; reasoning is ignored."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Content | None = None
    name: Text | None = None
    reasoning_content: Text | None = None
    reasoning: Text | None = None
    refusal: None = None
    annotations: Annotated[list[Any], Field(max_length=0)] | None = None
    tool_calls: Annotated[list[Any], Field(max_length=0)] | None = None

    @property
    def text(self) -> str:
        return text_of(self.content)


class StreamOptions(RequestPart):
    include_usage: bool | None = None
    """Send the usage in a separate chunk before the end."""
    include_events: bool | None = None
    """Extension: send each event of the solver in a separate chunk."""
    include_obfuscation: bool | None = None
    """Ignored."""


class ResponseFormat(RequestPart):
    type: Literal["text"]


class ChatRequest(SolveRequest):
    """The body of POST /v1/chat/completions.

    Any other field is rejected, unless it is null.
    """

    CONVERSATION: ClassVar[str] = "messages"
    PARTLY: ClassVar[Mapping[str, str]] = {
        **SolveRequest.PARTLY,
        "presence_penalty": "0",
        "frequency_penalty": "0",
        "logprobs": "false",
        "logit_bias": "an empty object",
        "functions": "an empty list",
        "response_format": "the type 'text'",
        "modalities": "['text']",
    }

    messages: Annotated[list[Message], Field(min_length=1, fail_fast=True)]
    """The conversation. The last message is the user's question."""
    max_tokens: Tokens | None = None
    """Alias of max_completion_tokens. If both are set, the smaller one applies."""
    max_completion_tokens: Tokens | None = None
    """Maximum tokens of all calls together, including reasoning and discarded calls."""
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    """Number of answers; each is solved separately."""
    stream_options: StreamOptions | None = None
    presence_penalty: Zero | None = None
    """Ignored, like the accepted values of all fields below."""
    frequency_penalty: Zero | None = None
    logprobs: No | None = None
    logit_bias: Annotated[dict[str, Any], Field(max_length=0)] | None = None
    functions: Annotated[list[Any], Field(max_length=0)] | None = None
    response_format: ResponseFormat | None = None
    modalities: Annotated[list[Literal["text"]], Field(min_length=1, max_length=1)] | None = None

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def budget(self) -> int:
        given = [one for one in (self.max_tokens, self.max_completion_tokens) if one is not None]
        return min(given, default=0)

    @property
    def turns(self) -> Sequence[Message]:
        return self.messages

    @property
    def tells_usage(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def tells_events(self) -> bool:
        return bool(self.stream_options and self.stream_options.include_events)
