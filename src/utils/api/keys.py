"""The keys for model servers and the hub, from the environment."""

from __future__ import annotations

import re

from ..config.dot_env import named_key
from ..errors import InputError
from ..redaction import remember

_KEY = re.compile(r"[!-~]+")


def read_key(variable: str) -> str:
    """The key in a variable, "" if it is not set; redacted in all output from now on.

    Raises InputError, without showing the key, if no request can carry it.
    """
    key = named_key(variable)
    remember(key)
    if key and not _KEY.fullmatch(key):
        raise InputError(
            f"{variable} holds {_fault(key)}, which no key has: set it to the key only."
        )
    return key


def _fault(key: str) -> str:
    if "\n" in key or "\r" in key:
        return "a line break"
    if any(character.isspace() for character in key):
        return "a blank"
    odd = next(character for character in key if not _KEY.fullmatch(character))
    return f"the character U+{ord(odd):04X}"
