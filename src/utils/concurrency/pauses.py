"""Keeps Python's garbage collector from holding up streams.

A full collection looks at all that lives: with hundreds of streams, and what was imported, that is
a tenth of a second in which no token is read and no executor starts. A client of model servers
leaves next to nothing for it to find, so it runs after many problems only.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

PROBLEMS = 100
"""After so many problems memory is looked through once, for what exceptions may have left."""


class Pauses:
    """Use `rare` around the work, and tell of each problem that is solved."""

    def __init__(self) -> None:
        self._solved = 0

    def solved(self) -> None:
        self._solved += 1
        if self._solved % PROBLEMS == 0:
            gc.collect()


@contextmanager
def rare_pauses() -> Iterator[Pauses]:
    """Within the block the collector runs when `Pauses.solved` says so, and not by itself."""
    was_enabled = gc.isenabled()
    gc.collect()
    gc.freeze()  # what was imported stays
    gc.disable()
    try:
        yield Pauses()
    finally:
        gc.unfreeze()
        if was_enabled:
            gc.enable()
