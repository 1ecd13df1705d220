"""Room on the disk that is kept for results under way, and given up once the disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from .errors import SaveError

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Errors of a disk without room."""


class Reserve:
    """A file `path` of `size` bytes. Where it cannot be kept, nothing should be begun."""

    def __init__(self, path: Path, size: int) -> None:
        self.path, self.size = path, size
        self.given_up = False

    def keep(self) -> None:
        """Raises SaveError where the disk has too little room."""
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

    def give_up(self) -> bool:
        """Whether there was room to give up, which a write that has failed can now use."""
        had, self.given_up = self.path.exists() and not self.given_up, True
        self.release()
        return had

    def release(self) -> None:
        self.path.unlink(missing_ok=True)


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or what it came from, is that of a disk without room."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in FULL:
            return True
        error = error.__cause__
    return False
