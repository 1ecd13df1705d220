"""Runs a function over many items in several processes, and takes the outcomes in order.

For CPU work without a server (`runner.py` is for work that waits on a server). Memory contains only
the few items in progress.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import aclosing
from functools import partial
from typing import Any, ParamSpec, TypeVar

from ..errors import SprintError
from .progress import Progress
from .signals import leave_to_parent, signals_held

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")
Parameters = ParamSpec("Parameters")

AHEAD = 8
"""Items per process to hand out before the first outcome is taken."""
WORTH_A_PROCESS = 50
"""Up to this many items, starting a process would take longer than the work."""


def core_count() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def useful_processes(wanted: int, items: int) -> int:
    """As many processes as there is work for."""
    return min(wanted, max(1, items // WORTH_A_PROCESS))


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
    `work`, its input and its result must be picklable. After an exception in `work` or `take`, or a
    cancellation (Ctrl-C), items in progress finish, the processes end, and the exception is raised;
    a process that dies raises SprintError.
    """
    count = useful_processes(processes, len(items))
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
        await asyncio.sleep(0)  # lets a cancellation through


async def _elsewhere(
    items: Iterable[Item], work: Callable[[Item], Outcome], count: int
) -> AsyncGenerator[Outcome, None]:
    executor = _executor(count, work)
    waiting = deque[Future[Outcome]]()
    try:
        for item in items:
            with signals_held():
                waiting.append(executor.submit(_work_on, item))
            if len(waiting) >= AHEAD * count:
                yield await asyncio.wrap_future(waiting.popleft())
        while waiting:
            yield await asyncio.wrap_future(waiting.popleft())
    except BrokenProcessPool as error:
        raise _a_process_died() from error
    finally:
        executor.shutdown(cancel_futures=True)


class Workers:
    """Calls functions in `count` processes without blocking the event loop; 1: in this process.

    Use as an async context manager: its end waits for the calls in progress.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._executor = _executor(count, _call) if count > 1 else None

    async def __aenter__(self) -> Workers:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    async def call(
        self,
        function: Callable[Parameters, Outcome],
        *arguments: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Outcome:
        """The result or exception of `function`; everything must be picklable.

        Raises SprintError if the process died.
        """
        if self._executor is None:
            return function(*arguments, **named)
        with signals_held():
            future = self._executor.submit(_work_on, partial(function, *arguments, **named))
        try:
            outcome: Outcome = await asyncio.wrap_future(future)
        except BrokenProcessPool as error:
            raise _a_process_died() from error
        return outcome


def _call(function: Callable[[], Outcome]) -> Outcome:
    return function()


def _executor(count: int, work: Callable[[Any], Any]) -> ProcessPoolExecutor:
    # Not `fork`: it is unsafe in a program with threads, as pyarrow's does.
    context = multiprocessing.get_context("spawn")
    with signals_held():  # it starts the resource tracker of multiprocessing
        return ProcessPoolExecutor(count, context, initializer=_begin, initargs=(work,))


def _a_process_died() -> SprintError:
    return SprintError(
        "A worker process ended before its work was done: it was killed or ran out of memory. "
        "Finished work is kept. Run the same command again, with a smaller "
        "--num_processes if it was memory."
    )


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any]) -> None:
    """Set up a worker process: its parent handles signals, and it ends with its parent."""
    global _work
    _work = work
    leave_to_parent()
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """A killed parent cannot end its workers, which would wait for it forever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _work_on(item: Any) -> Any:
    return _work(item)
