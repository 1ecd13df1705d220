"""Files that appear whole or not at all: written aside, then renamed."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from .errors import InputError


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`; a reader, or a crash, sees the old file or the new one."""
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise


def write_text(path: Path, text: str) -> None:
    write_bytes(path, text.encode("utf-8", errors="surrogatepass"))


def write_json(path: Path, value: Any) -> None:
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def writable_folder(path: Path) -> Path:
    """Make the folder and its parents; InputError where that, or writing into it, fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(
            f"Cannot write into {path} ({error.strerror}): set LOGS_DIR, in the environment or in "
            ".env, to a folder that you may write to."
        ) from error
    return path
