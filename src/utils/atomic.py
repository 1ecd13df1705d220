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


SET_LOGS_DIR = "set LOGS_DIR, in the environment or in .env, to a folder that you may write to"


def writable_folder(path: Path, advice: str = SET_LOGS_DIR) -> Path:
    """Make the folder and its parents; InputError, with `advice`, where it cannot be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(f"Cannot write into {path} ({error.strerror}): {advice}.") from error
    return path
