"""Disk space reserved for results in progress, and released once the disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from ..errors import SaveError

LARGEST = 1 << 30
"""Maximum bytes to reserve."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a full disk."""


class Reserve:
    """A file `path` of some bytes. If it cannot be created, nothing should be started."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self.given_up = False

    def keep(self, results: int, size: int) -> None:
        """Reserve space for `results` in progress, of up to `size` bytes each.

        Raises SaveError if the disk has too little.
        """
        self.size = min(LARGEST, results * size)
        for left in self.path.parent.glob(f"{self.path.name.partition('_')[0]}*"):
            if not _lives(left):  # left by a killed run
                left.unlink(missing_ok=True)
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
            try:
                os.posix_fallocate(handle, 0, self.size)
            finally:
                os.close(handle)
        except OSError as error:
            self.release()
            if error.errno not in FULL:
                # Some file systems cannot reserve space; a write may then fail with the rest.
                return
            raise SaveError(
                f"The disk of {self.path.parent} is full: the results in progress need up to "
                f"{self.size / 1e6:.1f} MB. Free up space, then run the same command again."
            ) from error

    def write(self, write: Callable[[], None]) -> SaveError | None:
        """Call `write`, which saves a result; on a full disk, again with the reserved space.

        Returns the first error if the disk was full; raises any other, and that of the retry.
        """
        try:
            write()
        except SaveError as error:
            if not is_full(error):
                raise
            self.give_up()
            write()
            return error
        return None

    def give_up(self) -> None:
        self.given_up = True
        self.release()

    def release(self) -> None:
        self.path.unlink(missing_ok=True)


def _lives(path: Path) -> bool:
    """Whether the process that a reserve is named after still runs."""
    number = path.name.rpartition("_")[2]
    return number.isdecimal() and Path(f"/proc/{number}").exists()


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or its cause, is a full disk."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__
    return False
