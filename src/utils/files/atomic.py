"""Files that appear whole or not at all: written aside, then renamed.

A run that is killed leaves what it was writing aside; the next one removes it. A file that is being
written is locked, so that runs that share a folder leave each other's alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import InputError, SaveError, SprintError
from ..redaction import redacted

PART = ".sprint-part"
"""How the names of files end that are being written."""


def write_chunks(path: Path, chunks: Iterable[bytes], *, durable: bool = True) -> None:
    """Write `chunks` to `path`; a reader, or a crash, sees the old file or the new one.

    Raises SaveError where it cannot be written. The promise holds for a crash of the machine too if
    `durable`, which waits for the disk. Without it such a crash (not one of the program) may leave
    an empty file: for what can be made again.
    """
    with saving(path):
        handle, aside = _locked_file(path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(chunks)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
                Path(aside).chmod(0o644)
                Path(aside).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(aside).unlink(missing_ok=True)
            raise


@contextmanager
def saving(path: Path) -> Iterator[None]:
    """An error of the system while `path` is written becomes a SaveError that names it."""
    try:
        yield
    except SprintError:
        raise
    except OSError as error:
        raise SaveError(
            f"Cannot write {path} ({error.strerror or error}): make room, or make the folder one "
            "that you may write to. What is finished is kept; then give the same command again."
        ) from error


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file that is in memory, as `write_chunks` does."""
    write_chunks(path, (data,), durable=durable)


def _locked_file(path: Path) -> tuple[int, str]:
    """A new file beside `path`, open and locked, and its name."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=PART)
        with suppress(OSError):  # a file system without locks: nothing is removed there
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)  # taken for a left one before it was locked


def remove_left_aside(folder: Path) -> None:
    """Remove the files that killed runs were writing into `folder` (not below it)."""
    for path in folder.glob(f".*{PART}"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def written(text: str) -> bytes:
    """What `write_text` writes."""
    return redacted(text).encode("utf-8", errors="surrogatepass")


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a text, less any key that it repeats."""
    write_bytes(path, written(text), durable=durable)


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill aside, which takes the place of `path` when the block ends well.

    What an earlier run left aside, because it was killed, is removed.
    """
    aside, old = (path.with_name(f".{path.name}.{end}") for end in ("new", "old"))
    if old.exists() and not path.exists():
        old.rename(path)
    for left in (aside, old):
        _remove(left)
    aside.mkdir(parents=True)
    try:
        yield aside
        if path.exists():
            path.rename(old)
        aside.rename(path)
        _remove(old)
    finally:
        _remove(aside)


def _remove(path: Path) -> None:
    """Remove a folder, or what else has its name; of a link, what it leads to stays."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


SET_LOGS_DIR = "set LOGS_DIR, in the environment or in .env, to a folder that you may write to"


def writable_folder(path: Path, advice: str = SET_LOGS_DIR) -> Path:
    """Make the folder and its parents, and tidy what a killed run left in it.

    InputError, with `advice`, where it cannot be written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(f"Cannot write into {path} ({error.strerror}): {advice}.") from error
    remove_left_aside(path)
    return path
