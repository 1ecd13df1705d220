"""The checksums of a checkpoint's files, written last, to detect damage before a resume.

Zeros in the middle of a tensor, or a truncated shard, look complete.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ..utils.errors import InputError
from ..utils.files.atomic import PART, write_json
from ..utils.files.json_file import DamagedError, read_object

MANIFEST = "checksums.json"
"""By the path of each file in the checkpoint: its size in bytes and its SHA-256."""
MOST_THREADS = 8
"""SHA-256 takes each thread 0.5 to 1.5 s per GB; a few threads keep up with a disk."""


def write_manifest(checkpoint: Path) -> None:
    """Record the checksums of the files. SaveError if the manifest cannot be written."""
    names = [name for name in files_in(checkpoint) if name != MANIFEST]
    entries = _entries(checkpoint, names)
    write_json(checkpoint / MANIFEST, {name: entries[name] for name in names})


def files_in(checkpoint: Path) -> list[str]:
    """Paths in the checkpoint, in order, without partial files of a killed run."""
    return sorted(
        path.relative_to(checkpoint).as_posix()
        for path in checkpoint.rglob("*")
        if path.is_file() and path.suffix != PART
    )


def difference(checkpoint: Path) -> str | None:
    """What differs from the manifest, "" if nothing does; None without a manifest.

    Raises InputError for a file that we have no permission to read, which is not damage.
    """
    try:
        manifest = read_object(checkpoint / MANIFEST)
    except FileNotFoundError:
        return None
    except DamagedError:
        return f"{MANIFEST} is damaged"
    there = set(files_in(checkpoint))
    for name, entry in manifest.items():
        if not isinstance(entry, Mapping):
            return f"{MANIFEST} is damaged"
        if name not in there:
            return f"{name} is missing"
        size = (checkpoint / name).stat().st_size
        if size != entry.get("bytes"):
            return f"{name} has {size} bytes, not {entry.get('bytes')!r:.30}"
    found = _entries(checkpoint, manifest)
    damaged = (name for name, entry in manifest.items() if found[name] != entry)
    return next((f"{name} is damaged (its checksum differs)" for name in damaged), "")


def _entries(checkpoint: Path, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    names = list(names)
    with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
        entries = pool.map(_entry, (checkpoint / name for name in names))
        return dict(zip(names, entries, strict=True))


def _entry(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return {"bytes": file.tell(), "sha256": digest}
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): give yourself read permission, or remove "
            "its checkpoint to resume from the previous one."
        ) from error
