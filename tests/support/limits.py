"""How long a test waits for what never fails to come, before it counts as hanging."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE = 60.0
"""Seconds for what happens within this process, on a machine that is slow and busy."""
PROCESS_PATIENCE = 600.0
"""Seconds for a process that imports torch, say, or trains."""


@contextmanager
def processor_patience(seconds: float = PATIENCE) -> Iterator[None]:
    """Raises TimeoutError once this process has computed so long; waiting does not count.

    For what takes a second or two, but would take much longer if its time grew with the square of
    its input.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still computing after {seconds:.0f} s of processor time")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
