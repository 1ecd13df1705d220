"""The checksums of a checkpoint's files, written last, by which damage is found before a resume.

Zeros in the middle of a tensor, or a share of several processes that is cut short, look whole.
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
"""By the path of each file in the checkpoint: its size in bytes, and its SHA-256."""
MOST_THREADS = 8
"""SHA-256 takes one of them 0.5 to 1.5 s a GB; a few keep up with a disk."""


def write_manifest(checkpoint: Path) -> None:
    """Record what the files hold. SaveError where it cannot be written."""
    names = [name for name in files_in(checkpoint) if name != MANIFEST]
    entries = _entries(checkpoint, names)
    write_json(checkpoint / MANIFEST, {name: entries[name] for name in names})


def files_in(checkpoint: Path) -> list[str]:
    """Paths in the checkpoint, in order, without what a killed run left half written."""
    return sorted(
        path.relative_to(checkpoint).as_posix()
        for path in checkpoint.rglob("*")
        if path.is_file() and path.suffix != PART
    )


def difference(checkpoint: Path) -> str | None:
    """What differs from the manifest, "" where nothing does; None without a manifest.

    Raises InputError for a file that the system does not let us read, which is no damage.
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
            f"{path} cannot be read ({error.strerror}): give yourself the right to read it, or "
            "remove its checkpoint to resume from the one before."
        ) from error
