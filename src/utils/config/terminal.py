"""What people see: no control character of a server or a dataset reaches a terminal, and no key."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from ..redaction import redacted

_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f"
)
"""Control characters, those that turn the direction of text, and halves of a character; not the
line break and the tab, which our own output has."""

_CONTROL = re.compile(f"[{_UNSEEN}]")
_BREAK = re.compile(f"[\n\t{_UNSEEN}]")

_BAR = re.compile(r"\r|(?:\x1b\[A)+\Z")
"""How a progress bar begins what it writes: it goes back to the start of its line, or up."""


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def one_line(text: str) -> str:
    """A text as one line that shows control characters as escapes."""
    return _BREAK.sub(_escape, text.strip())


class _Shown:
    """A stream that shows control characters as escapes, and keys not at all.

    A progress bar may go back over its own line, or over an empty one: never over other text.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._free = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        bar = _BAR.match(text) if self._free else None
        begin = bar[0] if bar else ""
        shown = begin + _CONTROL.sub(_escape, redacted(text[len(begin) :]))
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(shown.encode(encoding, "backslashreplace").decode(encoding))
        self._free = bar is not None or (shown.endswith("\n") if shown else self._free)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)


class _OneLine(logging.Formatter):
    """A message of the log is one line: what it quotes cannot look like a message of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the base
        record.message = one_line(record.message)
        return super().formatMessage(record)


def guard_terminal() -> None:
    """Show nothing on stdout and stderr from here on but what is safe to show."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # None: the command was started with it closed.
        if stream is not None and not isinstance(stream, _Shown):
            setattr(sys, name, _Shown(stream))


def start_log() -> None:
    """The log on stderr; that of the libraries is limited to warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    quiet_libraries()


def quiet_libraries() -> None:
    """Whatever OPENAI_LOG says: its log holds prompts."""
    for chatty in ("httpx", "httpx2", "openai", "matplotlib", "datasets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
