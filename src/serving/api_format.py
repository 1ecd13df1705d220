"""What an API of OpenAI defines: where it is, how its requests are read, how answers are sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, Protocol

from .api_errors import ApiError
from .backend import Ask
from .outbox import Item
from .request_fields import AnyRequest
from .solving import CompleteAnswer
from .usage import AnswerUsage


class AnswerFormat(Protocol):
    """The objects of one answer, as a client receives them.

    An answer is either `whole`, or a stream: `begin`, the items, and then `end` or `failure`.
    """

    def whole(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> dict[str, Any]:
        """The complete answer."""
        ...

    def begin(self) -> bytes:
        """What comes before the first item."""
        ...

    def of(self, item: Item) -> bytes:
        """A piece of text, or an event."""
        ...

    def end(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> bytes:
        """What comes after the last item."""
        ...

    def failure(self, error: ApiError) -> bytes:
        """What comes after the last item if the answer fails."""
        ...


class ApiEndpoint(NamedTuple, Generic[AnyRequest]):
    """One endpoint of the API."""

    path: str
    prefix: str
    """The beginning of an answer's id."""
    request: type[AnyRequest]
    """The class of its requests."""
    answer_format: Callable[[Ask[AnyRequest]], AnswerFormat]
    """The format of the answer to an Ask."""
