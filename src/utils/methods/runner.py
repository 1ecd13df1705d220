"""Runs an `async` function over many items: with a limit, progress and structured concurrency."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ..concurrency.event_loops import new_runner
from ..concurrency.garbage_collection import rare_pauses
from ..concurrency.progress import Progress
from ..concurrency.signals import beside_ctrl_c
from ..errors import (
    FormatError,
    InputError,
    RefusedError,
    SaveError,
    ServerError,
    TooLongError,
    first_leaf,
)
from ..records import Problem, Result
from ..results.writing import ResultFolder

log = logging.getLogger(__name__)

Item = TypeVar("Item")


async def run_all(
    items: Sequence[Item],
    work: Callable[[Item], Awaitable[None]],
    *,
    workers: int,
    label: str,
    done: int = 0,
) -> None:
    """Run `work` on every item, at most `workers` at a time; `done` items were finished before.

    The first exception from `work` cancels the others and is raised, not in a group. But a result
    that cannot be saved (SaveError) does not discard others that were paid for: they finish first,
    and no new item is started.
    """
    waiting, unsaved = iter(items), list[SaveError]()

    async def worker() -> None:
        for item in waiting:
            try:
                await work(item)
            except SaveError as error:
                if workers > 1 and not unsaved:
                    log.warning("%s Waiting for running items; Ctrl-C abandons them.", error)
                unsaved.append(error)
            if unsaved:
                return
            progress.advance()

    with Progress(len(items) + done, label, done) as progress:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(max(1, min(workers, len(items)))):
                    group.create_task(worker())
        except BaseExceptionGroup as errors:
            raise first_leaf(errors) from errors
    if unsaved:
        raise unsaved[0]


LARGEST_RESULT = 1 << 18
"""Bytes of the files of one problem, to reserve on the disk."""
MOST_UNANSWERED = 5
"""After this many problems with failed calls in a row, the server counts as dead."""


def no_result(problem: Problem, reason: Exception) -> Result:
    """The placeholder for a problem that could not be asked."""
    return Result(problem, "", "", "", elapsed=0.0, calls=(), faults=(str(reason),))


@dataclass
class Examples(Generic[Item]):
    """A count, and the first few items."""

    count: int = 0
    first: Item | None = None

    def add(self, one: Item) -> None:
        self.first = one if self.first is None else self.first
        self.count += 1


async def solve_all(
    problems: Sequence[Problem],
    solve: Callable[[Problem], Awaitable[Result]],
    folder: ResultFolder,
    *,
    workers: int,
    label: str,
) -> None:
    """Solve the problems that `folder` lacks, and always update its tables.

    A problem whose prompt does not fit the context counts as wrong. One that the server refuses for
    another reason, or whose calls keep failing, gets a row that says so, and is retried by the next
    run: InputError or ServerError reports it at the end. ServerError also ends the run if no
    problem finishes any more.
    """
    # Keeps places in memory, not problems, and the first few failures.
    missing = [place for place, one in enumerate(problems) if not folder.is_finished(one)]
    refused, too_long, unanswered = (
        Examples[RefusedError](),
        Examples[TooLongError](),
        Examples[Result](),
    )
    in_a_row = 0

    async def work(place: int) -> None:
        nonlocal in_a_row
        problem = problems[place]
        try:
            result = await solve(problem)
        except FormatError as error:  # a question with a grammar tag, for example
            result = no_result(problem, error)
        except TooLongError as error:
            too_long.add(error)
            result = no_result(problem, error)
        except RefusedError as error:
            refused.add(error)
            result = replace(no_result(problem, error), final=False)
        else:
            in_a_row = 0 if result.final else in_a_row + 1
            if not result.final:
                unanswered.add(result)
        # In a thread: the event loop has streams to read.
        await asyncio.to_thread(folder.add, result)
        await asyncio.to_thread(folder.write_tables_in_time)
        pauses.solved()
        if in_a_row == MOST_UNANSWERED:
            raise ServerError(unanswered_text(f"The last {in_a_row}", result))

    folder.reserve.keep(min(workers, len(missing)), LARGEST_RESULT)
    try:
        with rare_pauses() as pauses:
            await run_all(
                missing, work, workers=workers, label=label, done=len(problems) - len(missing)
            )
    finally:
        folder.reserve.release()
        folder.write_tables()
        if too_long.first is not None:
            log.warning(
                "%d of %d problems do not fit the context of the server and count as wrong. The "
                "first: %s",
                too_long.count,
                len(missing),
                too_long.first,
            )
    if unanswered.first is not None:
        which = f"{unanswered.count} of {len(missing)}"
        raise ServerError(unanswered_text(which, unanswered.first))
    if refused.first is not None:
        raise InputError(
            f"{refused.count} of {len(missing)} problems are not solved because the server refuses "
            f"them; the same command retries them. The first refusal: {refused.first}"
        )


def unanswered_text(which: str, example: Result) -> str:
    reason = example.faults[-1] if example.faults else "nothing"
    return (
        f"{which} problems are not finished because calls kept failing: check the server; the same "
        f"command retries them. The last failure: {reason}"
    )


def run_async(main: Callable[[], Awaitable[Any]]) -> None:
    """asyncio.run, on the loop of `new_runner`.

    SIGTERM, SIGHUP and similar signals act like Ctrl-C: the work is cancelled and cleans up, then
    KeyboardInterrupt.
    """
    with new_runner() as runner:
        run_on(runner, main)


def run_on(runner: asyncio.Runner, main: Callable[[], Awaitable[Any]]) -> None:
    """Like run_async, on a runner that goes on to be used."""
    try:
        runner.run(_cancelled_by_signals(main))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _cancelled_by_signals(main: Callable[[], Awaitable[Any]]) -> None:
    # Not through SIGINT, which a shell makes its background processes ignore.
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    before = {number: signal.getsignal(number) for number in beside_ctrl_c()}
    for number in before:
        loop.add_signal_handler(number, _cancel, task, number)
    try:
        await main()
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


def _cancel(task: asyncio.Task[Any], number: signal.Signals) -> None:
    # The kernel and the shell both send SIGHUP: the second one does not mean to hurry.
    if number != signal.SIGHUP or not task.cancelling():
        task.cancel()
