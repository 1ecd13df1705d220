"""The signals that ask a command to end, and a terminal or a pipe that is gone.

Ctrl-C (SIGINT), SIGTERM (a cluster's scheduler, `timeout`), SIGHUP (a closed terminal), SIGQUIT
(a terminal's Ctrl-Backslash), SIGUSR1, SIGUSR2 and SIGXCPU (a scheduler, before its time limit)
are treated alike. An ignored signal, as under `nohup`, stays ignored.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

ENDING = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGXCPU,
)
GONE = (errno.EPIPE, errno.EIO)
"""Errors of writing to a pipe that nobody reads, or to a closed terminal."""


def beside_ctrl_c() -> tuple[signal.Signals, ...]:
    """The signals to treat like SIGINT, without ignored ones."""
    others = (number for number in ENDING if number != signal.SIGINT)
    return tuple(number for number in others if signal.getsignal(number) != signal.SIG_IGN)


def _interrupt(number: int, _: FrameType | None) -> None:
    if number == signal.SIGHUP:  # the kernel and the shell both send it
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def as_ctrl_c() -> Iterator[None]:
    """Within the block every signal of ENDING raises KeyboardInterrupt."""
    before = {number: signal.signal(number, _interrupt) for number in beside_ctrl_c()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_to_parent() -> None:
    """Ignore them: the parent receives them as well, and ends this process in order."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def signals_held() -> Iterator[None]:
    """A process started in the block never sees them, not even while it imports."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Outlived:
    """A text stream that drops its output once its reader is gone."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._drop(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        if error.errno not in GONE:
            raise error
        # Drop the buffer and all later output; the last flush must not fail.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


@contextmanager
def outliving_its_readers() -> Iterator[None]:
    """Within the block a closed terminal, or `| head`, loses output but no work."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (_outlived(stream) for stream in before)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        sys.stdout, sys.stderr = before


def _outlived(stream: TextIO | None) -> Any:
    # None: the command was started with the stream closed.
    return _Outlived(Path(os.devnull).open("w") if stream is None else stream)
