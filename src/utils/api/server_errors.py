"""Maps a failure of a model server to our errors: for one call, or for the whole server."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx2
import openai

from ..errors import (
    BusyError,
    CallError,
    CutError,
    FailedError,
    MalformedError,
    RefusedError,
    ServerError,
    SprintError,
    UnreachableError,
)
from ..files.unicode import valid_unicode
from .completion import StreamEvent
from .connection import closed_the_connection, could_not_connect
from .context_limits import refused_as_too_long
from .event_stream import ErrorEventError, EventError
from .urls import without_password

NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")
"""Codes of a 429 that waiting does not fix."""

PAYMENT_REQUIRED = 402
"""Status with which other servers report the same."""

Piece = TypeVar("Piece")

MOST_BELIEVED = 86_400.0
"""Maximum seconds of a Retry-After; no healthy server asks for a longer wait."""

BUSY_OR_FAILED = {408, 409, 429, *range(500, 1000)}
"""Statuses after which the same request may succeed."""

NOT_BILLED = {500, 501, 503, 529}
"""5xx statuses with which a server reports that it has no answer. With others, such as 504, a
gateway answers, and the server behind it may have answered and may bill that."""


@dataclass(frozen=True)
class ServerErrors:
    """The failures of one server."""

    url: str
    model: str
    key_variable: str

    @contextmanager
    def boundary(self) -> Iterator[None]:
        """Wraps everything sent to the server and read from it: only our errors leave it.

        The server's data determines what HTTP, its parsers and the openai client raise, and there
        is no list of that. So any other error is a failed call that may be retried.
        """
        try:
            yield
        except SprintError:
            raise
        except Exception as error:
            raise self._ours(error) from error

    async def reading(self, pieces: AsyncIterable[Piece]) -> AsyncIterator[Piece]:
        """The pieces of an answer, with `boundary` around their source but not their user."""
        with self.boundary():
            async for piece in pieces:
                yield piece

    async def events(self, pieces: AsyncIterable[Any]) -> AsyncIterator[StreamEvent]:
        """Like `reading`, for the JSON of a completion's events."""
        with self.boundary():
            async for piece in pieces:
                yield StreamEvent.of(piece)

    def _ours(self, error: Exception) -> SprintError:
        try:
            match error:
                case ErrorEventError():
                    return self.in_stream(error)
                case UnicodeEncodeError():
                    return self.unsendable(error)
                case openai.APIError():
                    return self.of(error)
                case EventError() | httpx2.HTTPError():
                    # If the server is permanently gone, the next request fails before its stream.
                    words = described(error)
                    return CutError(f"The stream from {self.url} broke off: {words}").quoting(words)
        except Exception as fault:  # noqa: BLE001 - an error body that cannot even be printed
            error = fault
        words = described(error)
        return MalformedError(
            f"The server at {self.url} sent something other than a completion: {words}"
        ).quoting(words)

    def of(self, error: openai.APIError) -> ServerError | CallError:
        """Which of our errors a client error is: for this call, or for the whole server."""
        ours = self._of(error)
        return ours if ours.quoted else ours.quoting(_said(error)[:300])

    def _of(self, error: openai.APIError) -> ServerError | CallError:
        whole = _said(error)
        said = whole[:300]
        match error:
            case openai.APIConnectionError() if could_not_connect(error):
                return UnreachableError(
                    f"Cannot reach a model server at {self.url}: start it "
                    "(sh run/run_server.sh) or correct the URL."
                )
            case openai.APITimeoutError() if isinstance(error.__cause__, httpx2.ReadTimeout):
                return CutError(f"The server at {self.url} did not answer in time.")
            case openai.APIConnectionError() if closed_the_connection(error):
                # A connection kept for too long, for example, or dropped by a router.
                return CutError(
                    f"The server at {self.url} closed the connection before it answered."
                )
            case openai.APIConnectionError():
                words = described(error)
                return MalformedError(
                    f"The server at {self.url} sent an unreadable answer: {words}"
                ).quoting(words)
            case openai.APIStatusError() if 300 <= error.status_code < 400:
                target = without_password(error.response.headers.get("location", ""))[:200]
                return MalformedError(
                    f"The server at {self.url} redirects to {target!r}, but redirects are not "
                    "followed: give that URL if it is the server's."
                )
            case openai.NotFoundError():
                return ServerError(
                    f"The server at {self.url} knows no model {self.model!r}, or has no "
                    f"completions endpoint: correct the name or the URL. It says: {said}"
                )
            case openai.BadRequestError() | openai.UnprocessableEntityError():
                return refused_as_too_long(error.body, whole[:2000]) or RefusedError(
                    f"The server at {self.url} refuses the request: {said}"
                )
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ServerError(
                    f"The server at {self.url} refuses the key: set {self.key_variable}. "
                    f"It says: {said}"
                )
            case openai.APIStatusError() if (
                error.code in NO_CREDIT or error.status_code == PAYMENT_REQUIRED
            ):
                return ServerError(f"The account at {self.url} has no credit left: {said}")
        message = f"The server at {self.url} refused a call: {said}"
        if isinstance(error, openai.APIStatusError) and error.status_code in BUSY_OR_FAILED:
            kind = BusyError if error.status_code == 429 else FailedError
            return kind(
                message,
                retry_after(error.response.headers),
                sent=error.status_code >= 500 and error.status_code not in NOT_BILLED,
            )
        return CallError(message)

    def in_stream(self, event: ErrorEventError) -> CallError:
        """Which of our errors an error in the stream is: by its code, a refusal or a failure."""
        said = f"The server at {self.url} reports an error in the stream: {event}"
        code = event.error.get("code")
        if (too_long := refused_as_too_long(event.error, str(event))) is not None:
            return too_long
        is_refusal = isinstance(code, int) and 400 <= code < 500 and code not in BUSY_OR_FAILED
        return (RefusedError(said) if is_refusal else CutError(said)).quoting(str(event))

    @staticmethod
    def unsendable(error: UnicodeEncodeError) -> RefusedError:
        return RefusedError(
            f"The text cannot be sent because it is not valid Unicode ({error.reason}): correct "
            "it in the dataset."
        )


def _said(error: openai.APIError) -> str:
    return valid_unicode(" ".join(str(error.message).split()))


def described(error: BaseException) -> str:
    """An external error in one line: of several, the first cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    try:
        said = valid_unicode(" ".join(str(error).split()))
    except Exception:  # noqa: BLE001 - whatever its text is made of
        said = ""
    return f"{type(error).__name__} {said[:200]}".strip()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a Retry-After header asks to wait (seconds or a date); None without one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError, LookupError, ArithmeticError):
            return None
    if not math.isfinite(seconds) or seconds > MOST_BELIEVED:
        return None
    return max(seconds, 0.0)
