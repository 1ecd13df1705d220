"""What the requests of every API share: their fields, and what a solver asks of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)

from ..utils.config.values import MOST

MOST_FIELDS = 64
"""Maximum fields of an object: each invalid one takes time, during which all requests wait."""


def _require_few(value: object) -> object:
    if isinstance(value, dict) and len(value) > MOST_FIELDS:
        raise ValueError(f"expected at most {MOST_FIELDS} fields, found {len(value)}")
    return value


def _require_false(value: bool) -> bool:
    """A validator, because Literal[False] accepts 0."""
    if value:
        raise ValueError("expected false")
    return value


Text = Annotated[str, Field(max_length=10_000_000)]
Zero = Annotated[float, Field(ge=0, le=0)]
No = Annotated[
    bool, AfterValidator(_require_false), WithJsonSchema({"type": "boolean", "const": False})
]
StopText = Annotated[str, Field(min_length=1, max_length=512)]
AS_TEXT, AS_LIST, AS_MESSAGE, AS_REASONING = TAGS = (
    "as_text",
    "as_list",
    "as_message",
    "as_reasoning",
)
"""Tags of the kinds of one field. They are no part of its name."""


def text_or_list(value: object) -> str:
    """The tag of a field that is a text or a list."""
    return AS_LIST if isinstance(value, list) else AS_TEXT


Stop = Annotated[
    Annotated[StopText, Tag(AS_TEXT)]
    | Annotated[list[StopText], Field(max_length=4), Tag(AS_LIST)],
    Discriminator(text_or_list),
]
Tokens = Annotated[int, Field(ge=1, le=MOST)]
Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]],
    BeforeValidator(_require_few),
]


class Turn(Protocol):
    """A message of a conversation."""

    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...


class TextPart(Protocol):
    """A part of a message."""

    @property
    def text(self) -> str: ...


def text_of(content: str | Sequence[TextPart] | None) -> str:
    """The text of a message, whose parts are joined with blank lines."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n\n".join(part.text for part in content)


class RequestPart(BaseModel):
    """An object in a request. Any other field is rejected, unless it is null."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        """A field that is null counts as missing: clients send their own objects back."""
        _require_few(given)
        if isinstance(given, dict):
            return {name: value for name, value in given.items() if value is not None}
        return given


class SolveRequest(RequestPart):
    """A request for an answer. Any other field is rejected, unless it is null."""

    CONVERSATION: ClassVar[str]
    """The field that holds the conversation."""
    PARTLY: ClassVar[Mapping[str, str]] = {
        "tools": "a list of at most 128, which the model never calls",
        "tool_choice": "'none' or 'auto': the model never calls a tool",
    }
    """Fields that are only partly supported, and the values that are accepted."""
    INSTEAD: ClassVar[Mapping[str, str]] = {}
    """What to do instead of sending a field that is not supported. Default: remove it."""

    model: Annotated[str, Field(min_length=1, max_length=1000)]
    """Name of a served model."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    """Sampling temperature for every call. Default: the server's."""
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    """Top-p (nucleus) sampling threshold. Default: the server's."""
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    """Seed for sampling. The answer is reproducible if the model server is."""
    stop: Stop | None = None
    """Strings that end the answer. They do not end the reasoning."""
    stream: bool | None = None
    user: Text | None = None
    """Ignored, like metadata, store, service_tier, safety_identifier, prompt_cache_key,
    parallel_tool_calls, tools, and the accepted values of tool_choice: clients such as Open WebUI
    offer tools with every request, and the model never calls one."""
    metadata: Metadata | None = None
    store: bool | None = None
    service_tier: Literal["auto", "default"] | None = None
    safety_identifier: Text | None = None
    prompt_cache_key: Text | None = None
    parallel_tool_calls: bool | None = None
    tools: Annotated[list[Any], Field(max_length=128)] | None = None
    tool_choice: Literal["none", "auto"] | None = None

    @property
    def stops(self) -> tuple[str, ...]:
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def choices(self) -> int:
        """Number of answers."""
        return 1

    @property
    @abstractmethod
    def budget(self) -> int:
        """Maximum tokens of all calls; 0 means no limit."""

    @property
    @abstractmethod
    def turns(self) -> Sequence[Turn]:
        """The conversation."""

    @property
    def tells_events(self) -> bool:
        """The client wants each event of the solver."""
        return False


AnyRequest = TypeVar("AnyRequest", bound=SolveRequest)
