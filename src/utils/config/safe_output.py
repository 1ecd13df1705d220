"""Safe output: no control character from a server or a dataset reaches a terminal, and no key."""

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
"""Control characters, bidirectional controls and lone surrogates; not the line break and the tab,
which our own output uses."""

_CONTROL = re.compile(f"[{_UNSEEN}]")
_BREAK = re.compile(f"[\n\t{_UNSEEN}]")

_BAR = re.compile(r"\r|(?:\x1b\[A)+\Z")
"""How a progress bar starts what it writes: it returns to the start of its line, or moves up."""


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def one_line(text: str) -> str:
    """A text on one line, with control characters as escapes."""
    return _BREAK.sub(_escape, text.strip())


class _Shown:
    """A stream that escapes control characters and hides keys.

    A progress bar may overwrite its own line or an empty one, never other text.
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
    """A log message stays on one line, so quoted text cannot look like a separate message."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of the base
        record.message = one_line(record.message)
        return super().formatMessage(record)


def guard_terminal() -> None:
    """From here on, show only safe text on stdout and stderr."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        # None: the command was started with the stream closed.
        if stream is not None and not isinstance(stream, _Shown):
            setattr(sys, name, _Shown(stream))


def start_log() -> None:
    """Log to stderr; libraries log only warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(message)s", "%H:%M:%S"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    quiet_libraries()


def quiet_libraries() -> None:
    """Regardless of OPENAI_LOG: its log contains prompts."""
    for chatty in ("httpx", "httpx2", "openai", "matplotlib", "datasets"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
