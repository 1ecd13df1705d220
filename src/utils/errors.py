"""The one hierarchy of errors. Each says what was expected, what came, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

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

    `kind` is one of the constants below; `retry_after` is the wait in seconds that the server
    asks for, None where it names none. `sent`: the server may have got the request, and bill it.
    """

    BUSY = "429"
    FAILED = "5xx or no completion"
    CUT = "connection"
    UNFINISHED = "unfinished"

    def __init__(
        self, message: str, kind: str, retry_after: float | None = None, *, sent: bool = True
    ) -> None:
        super().__init__(message)
        self.kind, self.retry_after, self.sent = kind, retry_after, sent

    def __reduce__(self) -> tuple[object, ...]:
        return _transient_error, (str(self), self.kind, self.retry_after, self.sent)


class SilentError(TransientError):
    """A server took a request and said nothing for the whole timeout."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(
            f"The server at {url} sent no text within {seconds:g} s, the time that it has (the "
            "flag --timeout).",
            self.CUT,
        )
        self.url, self.seconds = url, seconds

    def __reduce__(self) -> tuple[object, ...]:
        return SilentError, (self.url, self.seconds)


class MalformedError(TransientError):
    """What a server sent is no answer of an OpenAI-compatible server; the next one may be."""

    def __init__(self, message: str) -> None:
        super().__init__(message, self.FAILED)

    def __reduce__(self) -> tuple[object, ...]:
        return MalformedError, (str(self),)


def _transient_error(
    message: str, kind: str, retry_after: float | None, sent: bool
) -> TransientError:
    """What a TransientError becomes in another process."""
    return TransientError(message, kind, retry_after, sent=sent)


class CostError(SprintError, RuntimeError):
    """The next request could cost more than the user allows."""


def all_may_pass(errors: Sequence[Exception]) -> bool:
    """Whether there were errors, and the same requests may succeed later in spite of each."""
    return bool(errors) and all(isinstance(error, TransientError) for error in errors)


def first_leaf(error: BaseException) -> BaseException:
    """The first exception in a group of groups, or `error` itself where it is no group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
