"""One run at a time in one place: a second one is told, or waits, and does no work twice."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

from .errors import InputError

PAUSE = 0.2
"""Seconds between two looks at a lock that another process holds: nothing tells when it lets go."""


@contextmanager
def locked(path: Path, what: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock file `path`, whose folder exists, while the block runs.

    Those that hold it `shared` do so together; the next one that holds it alone removes the file.
    A run that is killed lets go of it, too. Raises InputError where another process holds it, with
    `what` that one works on. Where the file system has no locks, nothing is locked.
    """
    file = _take(path, shared=shared)
    if file is None:
        raise InputError(f"Another run works on {what} at this moment: wait for it, or stop it.")
    if shared:
        with file:
            yield
        return
    with _held(file, path):
        yield


@asynccontextmanager
async def in_turn(path: Path) -> AsyncIterator[None]:
    """Hold the lock file `path` as `locked` does, once no other process holds it any more."""
    while (file := _take(path)) is None:  # noqa: ASYNC110 - another process sets no Event of ours
        await asyncio.sleep(PAUSE)
    with _held(file, path):
        yield


@contextmanager
def in_order(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which stays, while the block runs: a moment, so others wait."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether a process, this one included, holds the lock file `path`."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _take(path: Path, *, shared: bool = False) -> BinaryIO | None:
    """The lock file, open and locked; None where another process holds it."""
    while True:
        file = path.open("w+b")  # network file systems want it readable to share it
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            return file
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # the one before has just removed it: take hold of a new one


@contextmanager
def _held(file: BinaryIO, path: Path) -> Iterator[None]:
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
