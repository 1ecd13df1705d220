"""Room on the disk that is kept for results under way, and given up once the disk is full."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from ..errors import SaveError

LARGEST = 1 << 30
"""Bytes that are kept at most."""
FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a disk without room."""


class Reserve:
    """A file `path` of some bytes. Where it cannot be kept, nothing should be begun."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0
        self.given_up = False

    def keep(self, results: int, size: int) -> None:
        """Room for `results` under way, of up to `size` bytes each.

        Raises SaveError where the disk has too little.
        """
        self.size = min(LARGEST, results * size)
        for left in self.path.parent.glob(f"{self.path.name.partition('_')[0]}*"):
            if not _lives(left):  # of a run that was killed
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
                # Some file systems cannot set room aside; a write may then fail with the rest.
                return
            raise SaveError(
                f"The disk of {self.path.parent} is full: the results under way need up to "
                f"{self.size / 1e6:.1f} MB. Make room, and give the same command again."
            ) from error

    def write(self, write: Callable[[], None]) -> SaveError | None:
        """Call `write`, which saves a result; once more, in the room that was kept, on a full disk.

        The error of the first time, where it was full; raises any other, and that of the second.
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
    """Whether the process that a reserve is named by still runs."""
    number = path.name.rpartition("_")[2]
    return number.isdecimal() and Path(f"/proc/{number}").exists()


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is that of a disk without room."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__
    return False
