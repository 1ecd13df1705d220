"""How often one reply is asked for: a model's faults and a server's are counted apart."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import SilentError, TransientError

MOST_BROKEN = 8
"""Requests for one reply that break off, each in a way that may pass."""
MOST_SILENT = 4
"""Those among them that cost a whole timeout."""


class Attempts:
    """Numbers the requests for one reply, from 1 on, until `errors` has too many.

    At most `most` may bring what cannot be used, and MOST_BROKEN may break off. The caller appends
    the error of each request that failed, and stops iterating once it has its reply.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.errors: list[Exception] = []

    def __iter__(self) -> Iterator[int]:
        number = 1
        while self._goes_on():
            yield number
            number += 1

    @property
    def asks_hotter(self) -> bool:
        """Whether what the model wrote is a reason to ask again, not only what became of it."""
        return any(not isinstance(error, TransientError) for error in self.errors)

    def _goes_on(self) -> bool:
        silent = sum(isinstance(error, SilentError) for error in self.errors)
        broken = sum(_broke_off(error) for error in self.errors)
        unusable = len(self.errors) - broken
        return unusable < self.most and broken < MOST_BROKEN and silent < MOST_SILENT


def _broke_off(error: Exception) -> bool:
    """Replies that ended as none ends, as by a content filter, are billed, and likely to recur."""
    return isinstance(error, TransientError) and error.kind != TransientError.UNFINISHED
