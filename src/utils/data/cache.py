"""Local files as one memory-mapped table, created once and stored in the cache of `datasets`.

A file of thoughts can be larger than the memory, so rows are converted a few at a time to an Arrow
file. It is named after a hash of the files' content: size and time are the same in many copies
(`cp -p`, archives with fixed times), and a hash reads at the speed of the disk.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import InputError
from .cells import Row, encode
from .formats import BATCH, file_rows, format_of
from .table import Table

FOLDER = "sprint_rows"
VERSION = "1"
"""Changes when the cache contains something else for the same files."""


def read_files(name: str, files: Sequence[Path]) -> Table:
    """The rows of the files, one file after another. Raises InputError if one cannot be read."""
    import datasets

    folder = Path(datasets.config.HF_DATASETS_CACHE) / FOLDER
    where = _hash("\n".join(str(path.absolute()) for path in files).encode())
    cached = folder / f"{where}-{_hash_of_content(files)}.arrow"
    if not cached.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(files, cached)
        except OSError as error:
            raise InputError(
                f"Cannot write to the cache {folder} ({error.strerror or error}): set "
                "HF_DATASETS_CACHE to a folder with enough space."
            ) from error
        for stale in folder.glob(f"{where}-*.arrow"):
            if stale != cached:
                stale.unlink(missing_ok=True)
    return Table(name, datasets.Dataset.from_file(str(cached)), encoded=True)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _hash_of_content(files: Sequence[Path]) -> str:
    whole = hashlib.sha256(VERSION.encode())
    for path in files:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise InputError(f"{path} cannot be read ({error.strerror}): check it.") from error
        whole.update(f"{format_of(path.name)} {digest}\n".encode())
    return whole.hexdigest()[:32]


def _write(files: Sequence[Path], target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    os.close(handle)
    aside = Path(name)
    before = [path.stat() for path in files]
    columns = list(next(_rows(files), {}))
    try:
        # If a later row has a column that the first lacks: again, with all of them.
        while more := _write_rows(files, columns, aside):
            columns += more
        for path, was in zip(files, before, strict=True):
            now = path.stat()
            if (was.st_size, was.st_mtime_ns, was.st_ino) != (
                now.st_size,
                now.st_mtime_ns,
                now.st_ino,
            ):
                raise InputError(f"{path} changed while it was read: run the command again.")
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _rows(files: Sequence[Path]) -> Iterator[Row]:
    return chain.from_iterable(map(file_rows, files))


def _write_rows(files: Sequence[Path], columns: Sequence[str], target: Path) -> list[str]:
    """Write the columns of the rows; returns the names of columns that were not among them.

    Arrow ends a name at its first NUL.
    """
    import pyarrow as pa

    from .arrow_writer import ArrowWriter

    if cut := [column for column in columns if "\0" in column]:
        raise InputError(
            f"{files[0]} has a column {cut[0][:40]!r}: expected names without NUL characters. Save "
            "it as UTF-8, or rename the column."
        )
    known = dict.fromkeys(columns)
    schema: Any = pa.schema([(column, pa.large_string()) for column in columns])
    others: dict[str, None] = {}
    with ArrowWriter(target, schema, BATCH) as writer:
        for row in _rows(files):
            others |= {key: None for key in row if key not in known}
            writer.add({key: encode(value) for key, value in row.items() if key in known})
    return list(others)
