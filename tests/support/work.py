"""Work for worker processes, which can only be given what a module holds."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from sprint.utils.concurrency import processes
from sprint.utils.concurrency.processes import run_in_processes
from sprint.utils.config.cli import run_main
from sprint.utils.errors import FormatError
from sprint.utils.methods.runner import run_async


def square(item: int) -> int:
    return item * item


def wait_for(awaited: Path, begun: Path) -> None:
    """Says that it has begun by a file, and ends when another one is there."""
    begun.touch()
    end = time.monotonic() + 60
    while not awaited.exists():
        if time.monotonic() > end:
            raise TimeoutError(awaited)
        time.sleep(0.01)


@dataclass(frozen=True)
class FailAt:
    place: int

    def __call__(self, item: int) -> int:
        if item == self.place:
            raise FormatError(f"item {item} is bad")
        return item


@dataclass(frozen=True)
class DieAt:
    place: int

    def __call__(self, item: int) -> int:
        if item == self.place:
            os._exit(9)
        return item


@dataclass
class Counted(Sequence[int]):
    """The numbers from 0 on, and how many of them were asked for."""

    length: int
    read: int = 0

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        assert isinstance(place, int)
        if place >= self.length:
            raise IndexError(place)
        self.read += 1
        return place


def work_without_end() -> None:
    """Start worker processes, say so once the first outcome is here, and go on and on."""

    def take(outcome: int) -> None:
        if outcome == 0:
            print("started", flush=True)

    async def work() -> None:
        await run_in_processes(Counted(1 << 40), square, take, processes=2, label="endless")
        await asyncio.sleep(0)

    run_async(work)


if __name__ == "__main__":
    # A shell that runs the tests in the background lets its children ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    processes.WORTH_A_PROCESS = 1
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    run_main(work_without_end)
