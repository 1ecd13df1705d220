"""One run at a time in one place: a second one stops, or waits, and does no work twice.

filelock does not do: no shared locks, files that stay, a marker file where `flock` is missing.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import BinaryIO

from ..errors import InputError

PAUSE = 0.2
"""Seconds between two looks at a lock that another process holds: nothing tells when it lets go."""


@contextmanager
def locked(path: Path, what: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock file `path`, whose folder exists, while the block runs.

    Those that hold it `shared` do so together; the next one that holds it alone removes the file.
    A run that is killed lets go of it, too. Raises InputError where another process holds it, with
    `what` that one works on, and where it cannot be locked: nothing runs without its lock.
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
        file = _open(path)
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError as error:
            file.close()
            raise InputError(
                f"{path} cannot be locked ({error.strerror}), so another run could do the same "
                "work: choose a folder on a file system with locks."
            ) from error
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # the one before has just removed it: take hold of a new one


def _open(path: Path) -> BinaryIO:
    """The lock file, made where it is missing; InputError for what is no file of ours.

    Through a link, or with another name of the same file, it could be any file.
    """
    # Readable, since network file systems want that to share it; a pipe must not be waited for.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        file = os.open(path, flags, 0o666)
    except OSError as error:
        link = "it is a symbolic link" if path.is_symlink() else error.strerror
        raise InputError(
            f"The lock {path} cannot be opened ({link}): remove it, or choose a folder that you "
            "may write to."
        ) from error
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and not found.st_size and found.st_nlink < 2:
        return os.fdopen(file, "r+b")
    os.close(file)
    raise InputError(
        f"{path} is no lock of ours, but has the name of one: move it to another place."
    )


@contextmanager
def _held(file: BinaryIO, path: Path) -> Iterator[None]:
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
