"""One run at a time in one place: a second one is told, and does no work twice."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file `path`, whose folder exists, while the block runs.

    A run that is killed lets go of it, too. Raises InputError where another process holds it, with
    `what` that one works on. Where the file system has no locks, nothing is locked.
    """
    while True:
        with path.open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise InputError(
                    f"Another run works on {what} at this moment: wait for it, or stop it."
                ) from error
            except OSError:
                yield
                return
            if os.fstat(file.fileno()).st_nlink == 0:
                continue  # the one before has just removed it: take hold of a new one
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
            return
