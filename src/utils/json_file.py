"""Reading JSON files of ours, which a crash, a full disk or a person may have damaged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import InputError

LARGEST = 1 << 29
"""Bytes; no file of ours comes near it."""


class DamagedError(InputError):
    """A file of ours does not hold what it should; `reason` says what is wrong."""

    def __init__(self, path: Path, reason: str, advice: str = "remove it, and run again") -> None:
        super().__init__(f"{path} is damaged ({reason}): {advice}.")
        self.reason = reason


def read_object(path: Path, advice: str = "remove it, and run again") -> dict[str, Any]:
    """The JSON object in a file. Raises DamagedError, FileNotFoundError where there is none."""
    try:
        if not path.is_file() and path.exists():
            raise DamagedError(path, "no regular file", advice)
        if path.stat().st_size > LARGEST:
            raise DamagedError(path, f"over {LARGEST} bytes", advice)
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(path, error.strerror or "it cannot be read", advice) from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, " ".join(str(error).split())[:100], advice) from error
    if not isinstance(content, dict):
        raise DamagedError(path, f"a {type(content).__name__}, no object", advice)
    return content
