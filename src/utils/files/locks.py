"""One run at a time in one place: a second one stops or waits, and does no work twice.

filelock is not enough: no shared locks, leftover files, a marker file if `flock` is missing.
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
"""Seconds between checks of a lock that another process holds: nothing signals its release."""


@contextmanager
def locked(path: Path, what: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock file `path`, whose folder exists, while the block runs.

    Holders with `shared` hold it together; the next exclusive holder removes the file. A killed run
    releases it, too. Raises InputError if another process holds it, with `what` it works on, and if
    it cannot be locked: nothing runs without its lock.
    """
    file = _take(path, shared=shared)
    if file is None:
        raise InputError(f"Another run is working on {what}: wait for it, or stop it.")
    if shared:
        with file:
            yield
        return
    with _held(file, path):
        yield


@asynccontextmanager
async def in_turn(path: Path) -> AsyncIterator[None]:
    """Hold the lock file `path` like `locked`, but wait until no other process holds it."""
    while (file := _take(path)) is None:  # noqa: ASYNC110 - another process sets no Event of ours
        await asyncio.sleep(PAUSE)
    with _held(file, path):
        yield


@contextmanager
def in_order(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, which is kept, while the block runs: others wait a moment."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_held(path: Path) -> bool:
    """Whether any process, including this one, holds the lock file `path`."""
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
    """The lock file, open and locked; None if another process holds it."""
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
        file.close()  # its last holder has just removed it: open a new one


def _open(path: Path) -> BinaryIO:
    """The lock file, created if missing; InputError if it is not one of ours.

    Through a link, or under another name of the same file, it could be any file.
    """
    # Readable, because network file systems need that to share it; must not block on a pipe.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        file = os.open(path, flags, 0o666)
    except OSError as error:
        link = "it is a symbolic link" if path.is_symlink() else error.strerror
        raise InputError(
            f"The lock {path} cannot be opened ({link}): remove it, or choose a writable folder."
        ) from error
    found = os.fstat(file)
    if stat.S_ISREG(found.st_mode) and not found.st_size and found.st_nlink < 2:
        return os.fdopen(file, "r+b")
    os.close(file)
    raise InputError(
        f"{path} is not one of our locks but has the name of one: move it to another place."
    )


@contextmanager
def _held(file: BinaryIO, path: Path) -> Iterator[None]:
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
