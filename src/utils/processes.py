"""Runs a function over many items in several processes, and takes the outcomes in their order.

For work that needs the processor and no server (`runner.py` is for what waits on one). Memory
holds the few items on their way, however many there are.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing, contextmanager
from typing import Any, TypeVar

from .errors import SprintError
from .progress import Progress

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

AHEAD = 8
"""Items a process that are handed out before the first of their outcomes is taken."""
WORTH_A_PROCESS = 50
"""So few items that starting a process for them would take longer than their work."""


def core_count() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


async def run_in_processes(
    items: Sequence[Item],
    work: Callable[[Item], Outcome],
    take: Callable[[Outcome], None],
    *,
    processes: int,
    label: str,
) -> None:
    """Call `work` on every item, in at most `processes` processes, and `take` each outcome here.

    Outcomes are taken in the order of the items, so they do not depend on the number of processes.
    `work` and what it takes and gives must be picklable. An exception of `work` or `take` and a
    cancellation (Ctrl-C) let the items that are being worked on finish, end the processes, and
    come out of here; a process that dies raises SprintError.
    """
    count = min(processes, max(1, len(items) // WORTH_A_PROCESS))
    outcomes = _elsewhere(items, work, count) if count > 1 else _here(items, work)
    with Progress(len(items), label) as progress:
        async with aclosing(outcomes):
            async for outcome in outcomes:
                take(outcome)
                progress.advance()


async def _here(
    items: Iterable[Item], work: Callable[[Item], Outcome]
) -> AsyncGenerator[Outcome, None]:
    for item in items:
        yield work(item)
        await asyncio.sleep(0)  # a cancellation gets through here


async def _elsewhere(
    items: Iterable[Item], work: Callable[[Item], Outcome], count: int
) -> AsyncGenerator[Outcome, None]:
    # Not `fork`: it is unsafe in a program that holds threads, as pyarrow's does.
    executor = ProcessPoolExecutor(
        count, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(work,)
    )
    waiting = deque[Future[Outcome]]()
    try:
        for item in items:
            with interrupts_held():
                waiting.append(executor.submit(_work_on, item))
            if len(waiting) >= AHEAD * count:
                yield await asyncio.wrap_future(waiting.popleft())
        while waiting:
            yield await asyncio.wrap_future(waiting.popleft())
    except BrokenProcessPool as error:
        raise SprintError(
            "A worker process ended before its work was done: it was killed, or there was too "
            "little memory. What is finished is kept; run the same command again, with a smaller "
            "--num_processes if it was memory."
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any]) -> None:
    """Set a worker process up: Ctrl-C is its parent's business, and it ends with its parent."""
    global _work
    _work = work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """A parent that is killed cannot end its workers, which would wait for it forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work_on(item: Any) -> Any:
    return _work(item)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """A process that is started in the block never sees Ctrl-C, not even while it imports."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
