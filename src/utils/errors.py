"""The error hierarchy. Each message says what was expected, what was found and what to do."""

from __future__ import annotations

from typing import ClassVar, Self

from .redaction import redacted


class SprintError(Exception):
    """Base of every error that this package raises on purpose. No message contains a key."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*(redacted(one) if isinstance(one, str) else one for one in arguments))

    quoted = ""
    """A model server's own words in the message. They may repeat text of a prompt."""

    def quoting(self, words: str) -> Self:
        """This error, whose message contains these words of a model server."""
        self.quoted = redacted(words)
        return self


class InputError(SprintError, ValueError):
    """Invalid user input: a flag, a dataset, a column, a range, a folder."""


class NoHubError(SprintError, ConnectionError):
    """The Hugging Face hub cannot be reached."""


class SaveError(SprintError, OSError):
    """Output cannot be written completely; the message says what is saved where."""


class FormatError(SprintError, ValueError):
    """A text does not have the requested form: a plan, a component answer, a DAG."""


class ServerError(SprintError, ConnectionError):
    """A model server cannot be reached, or refused the request permanently."""


class UnreachableError(ServerError):
    """A model server cannot be connected to; it may come back."""


class NoServerError(ServerError):
    """The URL does not belong to an OpenAI-compatible server."""


class CallError(SprintError, RuntimeError):
    """One call failed; the server itself may be healthy."""


class RefusedError(CallError):
    """The server refuses this specific request (too long, for example): a retry would not help."""


class TooLongError(RefusedError):
    """Prompt and reply do not fit the server's context.

    `context`, `prompt` and `reply` are read from the refusal, in tokens, None if it does not say:
    the context length, the prompt's length, and the model's maximum reply.
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
    """One request failed with an error that may be temporary: the same request may succeed later.

    `kind` names its subclass in summaries; `retry_after` is the wait in seconds that the server
    asks for, None if it gives none. `sent`: the server may have received the request, and bill it.
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
    """The server refuses a request because of a rate limit; it is healthy."""

    kind = "429"


class FailedError(TransientError):
    """The server answers with a failure, or sends no completion."""

    kind = "5xx or no completion"


class MalformedError(FailedError):
    """The response is not that of an OpenAI-compatible server; the next one may be."""


class CutError(TransientError):
    """The connection to a server broke, or cannot be made."""

    kind = "connection"


class SilentError(CutError):
    """The server accepted a request and sent nothing for the full timeout."""


class CostError(SprintError, RuntimeError):
    """The next request could exceed the user's cost limit."""


def first_leaf(error: BaseException) -> BaseException:
    """The first exception in nested groups, or `error` itself if it is not a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def reason_of(error: BaseException, longest: int = 300) -> str:
    """The message of a library's error, or else the error's name, in one line."""
    return " ".join(str(error).split())[:longest] or type(error).__name__
