"""Lists that a server gives: of its models, of its batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import MalformedError
from ..files.unicode import valid_unicode

MOST_NAMED = 20
"""Models that are named where the right one is missing."""


def listed(page: Any) -> list[Any]:
    """The entries of a page of a list. Raises MalformedError for JSON that is no list at all.

    The openai client reads `{}` as an empty list: as a server that has nothing.
    """
    if not isinstance(getattr(page, "data", None), list):
        raise MalformedError("The server sent something that is no list.")
    return list(page.data)


def names(served: Iterable[str]) -> str:
    return ", ".join(valid_unicode(name[:100]) for name in [*served][:MOST_NAMED])
