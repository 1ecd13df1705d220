"""Reads our JSON files, which a crash, a full disk or a person may have damaged."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import InputError, reason_of

LARGEST = 1 << 29
"""Maximum bytes; none of our files comes near it."""
LARGEST_COUNT = 1 << 53
"""The largest count; none of ours comes near it, and floats represent it exactly."""


class DamagedError(InputError):
    """One of our files has invalid content; `reason` says what is wrong."""

    def __init__(self, path: Path, reason: str, advice: str = "remove it, and run again") -> None:
        super().__init__(f"{path} is damaged ({reason}): {advice}.")
        self.reason = reason


def read_object(path: Path, advice: str = "remove it, and run again") -> dict[str, Any]:
    """The JSON object in a file. Raises DamagedError if there is none.

    A file that we have no permission to read is not damaged: it raises InputError, and nothing
    should replace it. FileNotFoundError if there is no file.
    """
    if not path.is_file() and os.path.lexists(path):
        raise InputError(f"{path} should be a regular file but is not: remove it.")
    try:
        size = path.stat().st_size
        content = json.loads(path.read_bytes()) if size <= LARGEST else None
    except FileNotFoundError:
        raise
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}): give yourself read permission or restore "
            "it, then run the same command again."
        ) from error
    except (ValueError, RecursionError) as error:
        raise DamagedError(path, reason_of(error, 100), advice) from error
    if not isinstance(content, dict):
        raise DamagedError(path, f"a {type(content).__name__}, not an object", advice)
    return content


def counts(content: object) -> dict[str, int]:
    """A JSON object of counts. Raises ValueError for anything else."""
    if not isinstance(content, dict):
        raise ValueError("expected an object of counts")
    return {name: count(value) for name, value in content.items()}


def count(value: object) -> int:
    """A non-negative integer. Raises ValueError for anything else."""
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise ValueError("expected a count")
    return value
