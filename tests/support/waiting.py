"""Waiting for something that another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable

from .limits import PATIENCE


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)
