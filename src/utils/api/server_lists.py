"""Parses a server's lists of models and batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import MalformedError
from ..files.unicode import valid_unicode

MOST_NAMED = 20
"""Models that a message names if the right one is missing."""


def listed(page: Any) -> list[Any]:
    """The entries of a page of a list. Raises MalformedError for JSON that is no list at all.

    The openai client reads `{}` as an empty list.
    """
    if not isinstance(getattr(page, "data", None), list):
        raise MalformedError("The server's reply is not a list.")
    return list(page.data)


def names(served: Iterable[str]) -> str:
    return ", ".join(valid_unicode(name[:100]) for name in [*served][:MOST_NAMED])
