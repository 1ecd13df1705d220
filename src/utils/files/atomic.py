"""Atomic writes: to a temporary file, then renamed, so a file is complete or missing.

The temporary file of a killed run is removed by the next run. A file being written is locked, so
runs that share a folder do not remove each other's.
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
"""Suffix of files being written."""


def write_chunks(path: Path, chunks: Iterable[bytes], *, durable: bool = True) -> None:
    """Write `chunks` to `path`; a reader, or a crash, sees the old file or the new one.

    Raises SaveError if it cannot be written. With `durable`, which waits for the disk, this also
    holds for a crash of the machine. Without it such a crash (not one of the program) may leave an
    empty file: use that for files that can be created again.
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
    """Turns a system error while writing `path` into a SaveError that names it."""
    try:
        yield
    except SprintError:
        raise
    except OSError as error:
        raise SaveError(
            f"Cannot write {path} ({error.strerror or error}): free up space, or make the folder "
            "writable, then run the same command again. Finished work is kept."
        ) from error


def write_bytes(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write a file from memory, like `write_chunks`."""
    write_chunks(path, (data,), durable=durable)


def _locked_file(path: Path) -> tuple[int, str]:
    """A new file next to `path`, open and locked, and its name."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=PART)
        with suppress(OSError):  # a file system without locks: nothing is removed there
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)  # removed as a leftover before it was locked


def remove_left_aside(folder: Path) -> None:
    """Remove the temporary files of killed runs in `folder` (not in its subfolders)."""
    for path in folder.glob(f".*{PART}"):
        with suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def written(text: str) -> bytes:
    """The bytes that `write_text` writes."""
    return redacted(text).encode("utf-8", errors="surrogatepass")


def write_text(path: Path, text: str, *, durable: bool = True) -> None:
    """Write a text, with keys redacted."""
    write_bytes(path, written(text), durable=durable)


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary empty folder to fill, which replaces `path` when the block ends normally.

    Removes temporary folders left by killed runs.
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
    """Remove a folder, or a file with its name; of a link, only the link itself."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    else:
        shutil.rmtree(path, ignore_errors=True)


SET_LOGS_DIR = "set LOGS_DIR, in the environment or in .env, to a writable folder"


def writable_folder(path: Path, advice: str = SET_LOGS_DIR) -> Path:
    """Create the folder and its parents, and remove temporary files of killed runs.

    InputError, with `advice`, if it is not writable.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(f"Cannot write into {path} ({error.strerror}): {advice}.") from error
    remove_left_aside(path)
    return path
