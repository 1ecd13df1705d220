"""A fault of one request stays with it: it is logged, less what the request says."""

from __future__ import annotations

import logging
import traceback

from ..utils.errors import SprintError, first_leaf
from .api_errors import ApiError, internal, of_solver

log = logging.getLogger(__name__)


def error_of(error: Exception) -> ApiError:
    """What a client is told; the log has what it is not told."""
    leaf = first_leaf(error)
    if isinstance(leaf, SprintError):
        told = of_solver(leaf)
        if told.status >= 500 and not isinstance(leaf, ApiError):
            log.warning("A request has no answer: %s", leaf)
        return told
    # The message of an error may hold a text of the request; its name and place do not.
    place = "".join(traceback.format_tb(leaf.__traceback__))
    log.error("A request failed by %s:\n%s", type(leaf).__name__, place)
    return internal()
