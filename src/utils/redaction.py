"""Redacts keys before a text is stored, sent on or shown.

A server may repeat the key of a request in an error, a header or a reply, split over the chunks of
a stream, or encoded. Texts are redacted when they arrive from a server, in error messages, when
written to disk and when shown.
"""

from __future__ import annotations

import base64
import codecs
import json
import os
import re
from functools import lru_cache
from html.entities import codepoint2name
from urllib.parse import quote, quote_plus

MARK = "[key redacted]"

SHORTEST = 8
"""Minimum characters of a key: a shorter value (`none`, `EMPTY`) is an ordinary word."""

SECRETS = (
    "OPENAI_API_KEY",
    "OPENAI_ADMIN_KEY",
    "OPENAI_WEBHOOK_SECRET",
    "SERVER_API_KEY",
    "SPRINT_API_KEY",
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
)
"""Environment variables that contain keys; others are known once they are read."""

_read = set[str]()


def remember(key: str) -> None:
    """Redact `key` from now on."""
    _read.add(key)


def redacted(text: str) -> str:
    """The text with MARK instead of each key, plain or encoded."""
    pattern = _pattern(_keys())
    return text if pattern is None else pattern.sub(MARK, text)


class StreamRedactor:
    """Redacts a text that arrives in pieces: a possible beginning of a key is held back.

    It uses the keys known when it is created: a check at each token would take too long.
    """

    def __init__(self) -> None:
        self._held = ""
        self._keys = _keys()

    def take(self, piece: str, *, last: bool = False) -> str:
        """The text so far that can no longer become a key; all of it with `last`."""
        pattern = _pattern(self._keys)
        if pattern is None:
            return piece
        text = pattern.sub(MARK, self._held + piece)
        self._held = ""
        if last:
            return text
        start = _possible_key(text, _forms(self._keys))
        self._held = text[start:]
        return text[:start]


class ByteRedactor:
    """Redacts a text that arrives in pieces of bytes; bytes that are not UTF-8 stay unchanged."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._redactor = StreamRedactor()

    def take(self, piece: bytes, *, last: bool = False) -> bytes:
        """Like that of StreamRedactor."""
        text = self._redactor.take(self._decode(piece, last), last=last)
        return text.encode("utf-8", errors="surrogateescape")


def _possible_key(text: str, forms: tuple[str, ...]) -> int:
    """The start of the longest end of the text that is the beginning of a key."""
    longest = max(map(len, forms)) - 1
    for start in range(max(0, len(text) - longest), len(text)):
        if any(form.startswith(text[start:]) for form in forms):
            return start
    return len(text)


def _keys() -> frozenset[str]:
    values = {*_read, *(os.environ.get(name, "") for name in SECRETS)}
    return frozenset(value for value in map(str.strip, values) if _is_secret(value))


def _is_secret(key: str) -> bool:
    """Whether a key is not an ordinary word, such as `password`."""
    return len(key) >= SHORTEST and not (len(key) < 12 and key.isalpha() and key.islower())


@lru_cache(maxsize=16)
def _forms(keys: frozenset[str]) -> tuple[str, ...]:
    """The forms in which keys may be repeated, the longest first."""
    forms = {form for key in keys for form in _forms_of(key)}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _forms_of(key: str) -> set[str]:
    content = key.encode("utf-8", errors="surrogateescape")
    forms = {
        key,
        json.dumps(key)[1:-1],
        quote(content, safe=""),
        quote_plus(content),
        repr(key)[1:-1],
    }
    forms |= {key.replace("/", "\\/"), content.hex(), content.hex().upper()}
    # In base64 of a longer text a key begins at one of three places of a group.
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode()
        first = -(-before * 8 // 6)
        whole = (before + len(content)) * 8 // 6
        forms |= {encoded[first:whole], encoded[first:whole].translate(_URL_SAFE)}
    return forms


_URL_SAFE = str.maketrans("+/", "-_")


@lru_cache(maxsize=16)
def _pattern(keys: frozenset[str]) -> re.Pattern[str] | None:
    if not keys:
        return None
    escaped = ("".join(map(_escapes, key)) for key in sorted(keys, key=len, reverse=True))
    return re.compile("|".join([*map(re.escape, _forms(keys)), *escaped]))


def _escapes(character: str) -> str:
    """A pattern for a character of a key: JSON, URLs and HTML may escape any of them, or none."""
    number, name, plain = ord(character), codepoint2name.get(ord(character)), re.escape(character)
    # Up to three times; without a limit a long run of them would take forever.
    named = f"{name}|" if name else ""
    return (
        rf"(?:{plain}|\\{{1,7}}(?:u(?i:{number:04x})|{plain})"
        rf"|%(?:25){{0,2}}(?i:{number:02x})|&(?:{named}#0{{0,4}}{number}|#[xX]0{{0,4}}(?i:{number:x}));)"
    )
