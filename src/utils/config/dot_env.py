"""The repository's own .env, and of it the documented variables alone."""

from __future__ import annotations

import io
import logging
import os
import stat
from pathlib import Path

from dotenv import dotenv_values

from ..errors import InputError

log = logging.getLogger(__name__)

DOT_ENV = Path(__file__).resolve().parents[3] / ".env"
"""Beside .env.example; a package that is installed outside a checkout reads none."""

DOCUMENTED = ("OPENAI_API_KEY", "SERVER_API_KEY", "SPRINT_API_KEY", "HF_TOKEN", "LOGS_DIR")
"""The variables of .env.example."""

_others: dict[str, str] = {}
"""What else .env sets: read only where a flag names it as the variable with a key."""


def load_dot_env(path: Path | None = None) -> None:
    """Put the documented variables into the environment, which goes before the file.

    InputError where the file cannot be read.
    """
    path = path or DOT_ENV
    values = _read(path)
    others = {name: value for name, value in values.items() if name not in DOCUMENTED}
    if others and not _others:
        log.info(
            "%s sets %s: read only where a flag ending in _key_variable names it. Set other "
            "variables in the environment.",
            path,
            ", ".join(sorted(others)[:10]),
        )
    _others.clear()
    _others.update(others)
    for name in DOCUMENTED:
        if name in values:
            os.environ.setdefault(name, values[name])


def named_key(variable: str) -> str:
    """The value of a variable that is named as the one with a key; "" where it is not set."""
    return os.environ.get(variable) or _others.get(variable, "")


def _read(path: Path) -> dict[str, str]:
    try:
        if not path.exists():
            return {}
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is no file: remove it, or make it a copy of .env.example.")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"Cannot read {path} ({error.strerror}): correct or remove it.") from error
    if "\0" in text:
        raise InputError(f"{path} holds a NUL character: write it again from .env.example.")
    values = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in values.items() if value is not None}
