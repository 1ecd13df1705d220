"""Turns an exception into the error of one request, and logs it without the request's text."""

from __future__ import annotations

import logging
import traceback

from ..utils.errors import SprintError, TooLongError, first_leaf
from .api_errors import ApiError, internal, of_solver

log = logging.getLogger(__name__)


def error_of(error: Exception, conversation: str | None = None) -> ApiError:
    """The error for the client. Details go to the log only.

    `conversation` is the field of the request that holds it.
    """
    leaf = first_leaf(error)
    if isinstance(leaf, SprintError):
        answer = of_solver(leaf, conversation)
        if not isinstance(leaf, ApiError | TooLongError):
            log.warning("A request failed: %s", leaf)
        return answer
    # The error's message may contain text of the request; its name and traceback do not.
    place = "".join(traceback.format_tb(leaf.__traceback__))
    log.error("A request failed with %s:\n%s", type(leaf).__name__, place)
    return internal()
