"""The keys of model servers and of the hub, from the environment."""

from __future__ import annotations

import re

from ..config.dot_env import named_key
from ..errors import InputError
from ..redaction import remember

_KEY = re.compile(r"[!-~]+")


def read_key(variable: str) -> str:
    """The key in a variable, "" where it is not set; it is redacted in all output from now on.

    InputError, which does not show it, where no request can carry it.
    """
    key = named_key(variable)
    remember(key)
    if key and not _KEY.fullmatch(key):
        raise InputError(
            f"{variable} holds {_fault(key)}, which no key has: set it to the key alone."
        )
    return key


def _fault(key: str) -> str:
    if "\n" in key or "\r" in key:
        return "a line break"
    if any(character.isspace() for character in key):
        return "a blank"
    odd = next(character for character in key if not _KEY.fullmatch(character))
    return f"the character U+{ord(odd):04X}"
