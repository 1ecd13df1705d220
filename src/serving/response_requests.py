"""A request of the Responses API: its fields and their meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from .request_fields import (
    AS_LIST,
    AS_MESSAGE,
    AS_REASONING,
    AS_TEXT,
    No,
    RequestPart,
    SolveRequest,
    Text,
    Tokens,
    text_of,
    text_or_list,
)

_STATELESS = "The server stores no responses: send the whole conversation in input."


class InputPart(RequestPart):
    """A part of a message. Only text is supported."""

    type: Literal["input_text", "output_text"]
    text: Text
    annotations: list[Any] | None = None
    """Ignored, like all fields below: earlier answers have them."""
    logprobs: list[Any] | None = None


InputContent = Annotated[
    Annotated[Text, Tag(AS_TEXT)] | Annotated[list[InputPart], Field(fail_fast=True), Tag(AS_LIST)],
    Discriminator(text_or_list),
]


class InputMessage(RequestPart):
    """A turn of a conversation."""

    type: Literal["message"] | None = None
    role: Literal["system", "developer", "user", "assistant"]
    content: InputContent
    id: Text | None = None
    """Ignored, like all fields below: earlier answers have them."""
    status: Text | None = None
    phase: Text | None = None

    @property
    def text(self) -> str:
        return text_of(self.content)


class InputReasoning(RequestPart):
    """The reasoning of an earlier answer. It is ignored, whatever its fields are."""

    model_config = ConfigDict(extra="ignore")

    type: Literal["reasoning"]


def _kind_of(item: object) -> str:
    kind = item.get("type") if isinstance(item, dict) else getattr(item, "type", None)
    return AS_REASONING if kind == "reasoning" else AS_MESSAGE


InputItem = Annotated[
    Annotated[InputMessage, Tag(AS_MESSAGE)] | Annotated[InputReasoning, Tag(AS_REASONING)],
    Discriminator(_kind_of),
]
Input = Annotated[
    Annotated[Text, Tag(AS_TEXT)]
    | Annotated[list[InputItem], Field(min_length=1, fail_fast=True), Tag(AS_LIST)],
    Discriminator(text_or_list),
]


class Reasoning(RequestPart):
    summary: Literal["auto", "concise", "detailed"] | None = None
    """Send the reasoning as a summary, for clients that show only that. It is the same text."""
    effort: None = None


class TextFormat(RequestPart):
    type: Literal["text"]


class TextConfig(RequestPart):
    format: TextFormat | None = None
    verbosity: Literal["medium"] | None = None


class EventOptions(RequestPart):
    include_obfuscation: bool | None = None


class ResponseRequest(SolveRequest):
    """The body of POST /v1/responses.

    Any other field is rejected, unless it is null.
    """

    CONVERSATION: ClassVar[str] = "input"
    PARTLY: ClassVar[Mapping[str, str]] = {
        **SolveRequest.PARTLY,
        "background": "false. To get text early, set stream to true",
        "include": "reasoning.encrypted_content, which is ignored. The answer contains its "
        "reasoning",
        "text": "the format 'text' and the verbosity 'medium'",
        "top_logprobs": "0",
        "truncation": "'disabled'. Shorten the conversation yourself",
    }
    INSTEAD: ClassVar[Mapping[str, str]] = {
        "conversation": _STATELESS,
        "previous_response_id": _STATELESS,
        "prompt": "Send the text of the prompt in input and instructions.",
        "reasoning.effort": "Remove it: the model decides how long it thinks.",
        "n": "Send a request for each answer.",
        "max_tokens": "Use max_output_tokens.",
        "max_completion_tokens": "Use max_output_tokens.",
        "messages": "Use input.",
        "response_format": "Use text.",
    }

    input: Input
    """The question, or the conversation. The last message is the user's question."""
    instructions: Text | None = None
    """A system message before the conversation."""
    max_output_tokens: Tokens | None = None
    """Maximum tokens of all calls together, including reasoning and discarded calls."""
    reasoning: Reasoning | None = None
    text: TextConfig | None = None
    """Ignored, like the accepted values of all fields below."""
    truncation: Literal["disabled"] | None = None
    background: No | None = None
    include: Annotated[list[Literal["reasoning.encrypted_content"]], Field(max_length=1)] | None = (
        None
    )
    """Ignored: clients without stored responses ask for it, and earlier reasoning is not used."""
    top_logprobs: Annotated[int, Field(ge=0, le=0)] | None = None
    stream_options: EventOptions | None = None

    @property
    def budget(self) -> int:
        return self.max_output_tokens or 0

    @property
    def turns(self) -> Sequence[InputMessage]:
        said = [InputMessage(role="system", content=self.instructions)] if self.instructions else []
        if isinstance(self.input, str):
            return [*said, InputMessage(role="user", content=self.input)]
        return [*said, *(item for item in self.input if isinstance(item, InputMessage))]

    @property
    def summary(self) -> str | None:
        """The kind of summary that the client wants."""
        return self.reasoning.summary if self.reasoning else None
