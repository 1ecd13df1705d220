"""Keeps Python's garbage collector from holding up streams.

A full collection visits all live objects: with hundreds of streams and all imports, that is a tenth
of a second in which no token is read and no executor starts. A client of model servers leaves
almost nothing to collect, so it runs only once in many problems.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

PROBLEMS = 100
"""Problems between two collections, which clean up after exceptions."""


class Pauses:
    """Use `rare` around the work, and report each solved problem."""

    def __init__(self) -> None:
        self._solved = 0

    def solved(self) -> None:
        self._solved += 1
        if self._solved % PROBLEMS == 0:
            gc.collect()


@contextmanager
def rare_pauses() -> Iterator[Pauses]:
    """Within the block the collector runs only when `Pauses.solved` runs it."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()  # imports stay
    gc.disable()
    try:
        yield Pauses()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
