"""The one hierarchy of errors. Each says what was expected, what came, and what to do."""

from __future__ import annotations

from typing import ClassVar

from .redaction import redacted


class SprintError(Exception):
    """Base of every error that this package raises on purpose. No message holds a key."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(redacted(one) if isinstance(one, str) else one for one in arguments))


class InputError(SprintError, ValueError):
    """The user gave something that cannot work: a flag, a dataset, a column, a range, a folder."""


class SaveError(SprintError, OSError):
    """What was made cannot be written, or not all of it; the message says what is where."""


class FormatError(SprintError, ValueError):
    """A text does not have the form that was asked for: a plan, a component answer, a DAG."""


class ServerError(SprintError, ConnectionError):
    """A model server cannot be reached, or refused the request for good."""


class UnreachableError(ServerError):
    """No connection to a model server can be made; it may come back."""


class NoServerError(ServerError):
    """What answers at a URL is no OpenAI-compatible server."""


class CallError(SprintError, RuntimeError):
    """One call failed; the server itself may be well."""


class RefusedError(CallError):
    """The server refuses this very request (too long, say): asking again would not help."""


class TooLongError(RefusedError):
    """Prompt and reply do not fit the server's context.

    `context`, `prompt` and `reply` are what the refusal tells, in tokens, None where it does not:
    the longest context, the prompt's length, and the longest reply of the model.
    """

    def __init__(
        self,
        message: str,
        context: int | None = None,
        prompt: int | None = None,
        reply: int | None = None,
    ) -> None:
        super().__init__(message)
        self.context, self.prompt, self.reply = context, prompt, reply


class TransientError(CallError):
    """One request failed in a way that may pass: the same request may succeed later.

    `kind` names its subclass in summaries; `retry_after` is the wait in seconds that the server
    asks for, None where it names none. `sent`: the server may have got the request, and bill it.
    """

    kind: ClassVar[str]

    def __init__(
        self, message: str, retry_after: float | None = None, *, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.retry_after, self.sent = retry_after, sent

    def __reduce__(self) -> tuple[object, ...]:
        return BaseException.__new__, (type(self), *self.args), self.__dict__


class BusyError(TransientError):
    """A server refuses a request for rate; it is well."""

    kind = "429"


class FailedError(TransientError):
    """A server answers that it failed, or sends no completion."""

    kind = "5xx or no completion"


class MalformedError(FailedError):
    """What a server sent is no answer of an OpenAI-compatible server; the next one may be."""


class CutError(TransientError):
    """The connection to a server broke off, or cannot be made."""

    kind = "connection"


class SilentError(CutError):
    """A server took a request and said nothing for the whole timeout."""


class CostError(SprintError, RuntimeError):
    """The next request could cost more than the user allows."""


def first_leaf(error: BaseException) -> BaseException:
    """The first exception in a group of groups, or `error` itself where it is no group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
