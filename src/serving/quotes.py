"""Keeps the text of requests out of the log: model servers may repeat it in their errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ..utils.errors import SprintError

NOT_LOGGED = "[not logged; see --log_requests]"


class _WithoutQuotes(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(map(_without_quote, record.args))
        return True


def _without_quote(value: object) -> object:
    if isinstance(value, SprintError) and value.quoted:
        return str(value).replace(value.quoted, NOT_LOGGED)
    return value


@contextmanager
def without_quotes() -> Iterator[None]:
    """Within this block, no error in the log quotes a model server."""
    hides, handlers = _WithoutQuotes(), [*logging.getLogger().handlers]
    for handler in handlers:
        handler.addFilter(hides)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(hides)
