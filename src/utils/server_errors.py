"""Which of our errors a failure of a model server is: for one call, or for the whole server."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx2
import openai

from .connection import took_the_connection, without_password
from .context_limits import refused_as_too_long
from .errors import CallError, RefusedError, ServerError, TransientError, UnreachableError
from .event_stream import ErrorEventError
from .half_characters import valid_unicode

NO_CREDIT = ("insufficient_quota", "billing_hard_limit_reached")
"""Codes of a 429 that no waiting mends."""

PAYMENT_REQUIRED = 402
"""Status with which other servers say the same."""

BUSY_OR_FAILED = {408, 409, 429, *range(500, 600)}
"""Statuses after which the same request may succeed."""


@dataclass(frozen=True)
class ServerErrors:
    """The failures of one server."""

    url: str
    model: str
    key_variable: str

    def of(self, error: openai.APIError) -> ServerError | CallError:
        """Which of our errors a client error is: for this call, or for the whole server."""
        whole = valid_unicode(" ".join(str(error.message).split()))
        said = whole[:300]
        match error:
            case openai.APITimeoutError() if not isinstance(error.__cause__, httpx2.ConnectTimeout):
                return TransientError(
                    f"The server at {self.url} did not answer in time.", TransientError.CUT
                )
            case openai.APIConnectionError() if took_the_connection(error):
                # One that was kept for too long, say, or a router that gave it up.
                return TransientError(
                    f"The server at {self.url} closed the connection before it answered.",
                    TransientError.FAILED,
                )
            case openai.APIConnectionError():
                return UnreachableError(
                    f"Cannot reach a model server at {self.url}: start it "
                    "(sh run/run_server.sh) or correct the URL."
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
            case openai.APIStatusError() if 300 <= error.status_code < 400:
                target = without_password(error.response.headers.get("location", ""))
                return ServerError(
                    f"The server at {self.url} redirects to {target[:200]!r}, and no redirect is "
                    "followed: give the URL that answers itself."
                )
            case openai.APIStatusError() if (
                error.code in NO_CREDIT or error.status_code == PAYMENT_REQUIRED
            ):
                return ServerError(f"The account at {self.url} has no credit left: {said}")
        message = f"The server at {self.url} refused a call: {said}"
        if isinstance(error, openai.APIStatusError) and error.status_code in BUSY_OR_FAILED:
            kind = TransientError.BUSY if error.status_code == 429 else TransientError.FAILED
            return TransientError(message, kind, retry_after(error.response.headers))
        return CallError(message)

    def in_stream(self, event: ErrorEventError) -> CallError:
        """Which of our errors an error in the stream is: by its code, a refusal or a failure."""
        said = f"The server at {self.url} reports an error in the stream: {event}"
        code = event.error.get("code")
        if (too_long := refused_as_too_long(event.error, str(event))) is not None:
            return too_long
        if isinstance(code, int) and 400 <= code < 500 and code not in BUSY_OR_FAILED:
            return RefusedError(said)
        return TransientError(said, TransientError.CUT)

    @staticmethod
    def unsendable(error: UnicodeEncodeError) -> RefusedError:
        return RefusedError(
            f"The text cannot be sent, since it is no valid Unicode ({error.reason}): correct "
            "it in the dataset."
        )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a Retry-After header asks to wait (seconds or a date); None without one."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (TypeError, ValueError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
