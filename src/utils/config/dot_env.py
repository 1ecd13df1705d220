"""Keys of servers and of the hub: from the environment and, for documented variables, from .env."""

from __future__ import annotations

import io
import logging
import os
import re
import stat
from pathlib import Path

from dotenv import dotenv_values

from ..errors import InputError
from ..redaction import remember

log = logging.getLogger(__name__)

DOT_ENV = Path(__file__).resolve().parents[3] / ".env"
"""Next to .env.example; a package installed outside a checkout reads none."""

DOCUMENTED = ("OPENAI_API_KEY", "SERVER_API_KEY", "SPRINT_API_KEY", "HF_TOKEN", "LOGS_DIR")
"""The variables of .env.example."""

_others: dict[str, str] = {}
"""Other variables in .env: read only if a flag names them as the variable with a key."""


def load_dot_env(path: Path | None = None) -> None:
    """Copy the documented variables into the environment, which takes precedence.

    Raises InputError if the file cannot be read.
    """
    path = path or DOT_ENV
    values = _read(path)
    others = {name: value for name, value in values.items() if name not in DOCUMENTED}
    if others and not _others:
        log.info(
            "%s sets %s: read only if a flag ending in _key_variable names it. Set other variables "
            "in the environment.",
            path,
            ", ".join(sorted(others)[:10]),
        )
    _others.clear()
    _others.update(others)
    for name in DOCUMENTED:
        if name in values:
            os.environ.setdefault(name, values[name])


def named_key(variable: str) -> str:
    """The value of a variable that a flag names as the one with a key; "" if it is not set."""
    return os.environ.get(variable) or _others.get(variable, "")


def _read(path: Path) -> dict[str, str]:
    try:
        if not path.exists():
            return {}
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is not a file: remove it, or copy .env.example there.")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeError as error:
        raise InputError(f"{path} is not UTF-8 text: save it as UTF-8.") from error
    except OSError as error:
        raise InputError(f"Cannot read {path} ({error.strerror}): correct or remove it.") from error
    if "\0" in text:
        raise InputError(f"{path} contains a NUL character: write it again from .env.example.")
    values = dotenv_values(stream=io.StringIO(text))
    return {name: value for name, value in values.items() if value is not None}


_KEY = re.compile(r"[!-~]+")


def read_key(variable: str) -> str:
    """The key in a variable, "" if it is not set; redacted in all output from now on.

    Raises InputError, without showing the key, if no request can carry it.
    """
    key = named_key(variable)
    remember(key)
    if key and not _KEY.fullmatch(key):
        raise InputError(
            f"{variable} contains {_fault(key)}, which no key has: set it to the key only."
        )
    return key


def _fault(key: str) -> str:
    if "\n" in key or "\r" in key:
        return "a line break"
    if any(character.isspace() for character in key):
        return "a blank"
    odd = next(character for character in key if not _KEY.fullmatch(character))
    return f"the character U+{ord(odd):04X}"
