"""Progress with time left: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

LOG_EVERY = 15.0
"""Seconds between two lines without a terminal."""


class Progress:
    """Counts items of a known total; use as a context manager."""

    def __init__(self, total: int, label: str, done: int = 0) -> None:
        self.total, self.label, self.done = total, label, done
        self._resumed = done
        self._started = self._logged = time.monotonic()
        self._bar: tqdm[None] | None = None
        if sys.stderr.isatty():
            self._bar = tqdm(total=total, initial=done, desc=label, unit="item")

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def advance(self) -> None:
        self.done += 1
        if self._bar is not None:
            self._bar.update()
            return
        now = time.monotonic()
        if self.done == self.total or now - self._logged >= LOG_EVERY:
            self._logged = now
            print(self.line(now - self._started), file=sys.stderr, flush=True)

    def line(self, elapsed: float) -> str:
        """The log line after `elapsed` seconds: the items done and the time left."""
        new = self.done - self._resumed
        left = elapsed / new * (self.total - self.done) if new else 0.0
        return f"{self.label}: {self.done}/{self.total}, {elapsed:.0f} s, about {left:.0f} s left"
