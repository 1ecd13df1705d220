"""Worker processes: order, lazy reading, and every way to end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest
from sprint.utils.concurrency import processes
from sprint.utils.concurrency.processes import AHEAD, Workers, run_in_processes
from sprint.utils.errors import FormatError, SprintError
from sprint.utils.methods.runner import run_async
from support.limits import PROCESS_PATIENCE
from support.work import Counted, DieAt, FailAt, square, wait_for


@pytest.fixture(autouse=True)
def _few_items_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WORTH_A_PROCESS", 1)


def outcomes(
    items: Sequence[int],
    work: Callable[[int], int],
    count: int,
    seen: Callable[[], None] = lambda: None,
) -> list[int]:
    taken = list[int]()

    def take(outcome: int) -> None:
        taken.append(outcome)
        seen()

    run_async(lambda: run_in_processes(items, work, take, processes=count, label="test"))
    return taken


@pytest.mark.parametrize("count", [1, 2, 3])
def test_outcomes_come_in_the_order_of_the_items(count: int) -> None:
    assert outcomes(range(40), square, count) == [item * item for item in range(40)]


def test_no_items() -> None:
    assert outcomes([], square, 2) == []


def test_items_are_read_when_their_turn_comes() -> None:
    items, taken, ahead = Counted(100), 0, list[int]()

    def seen() -> None:
        nonlocal taken
        taken += 1
        ahead.append(items.read - taken)

    outcomes(items, square, 2, seen)
    assert max(ahead) <= 2 * AHEAD


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_the_work_comes_out(count: int) -> None:
    with pytest.raises(FormatError, match="item 5 is bad"):
        outcomes(range(40), FailAt(5), count)


def test_a_worker_that_dies_ends_the_run_in_one_sentence() -> None:
    with pytest.raises(SprintError, match=r"worker process ended.*Run the same command again"):
        outcomes(range(40), DieAt(20), 2)


def called(count: int, work: Callable[[int], int], items: Sequence[int]) -> list[int]:
    async def main() -> list[int]:
        async with Workers(count) as workers, asyncio.TaskGroup() as group:
            calls = [group.create_task(workers.call(work, item)) for item in items]
        return [call.result() for call in calls]

    return asyncio.run(main())


@pytest.mark.parametrize("count", [1, 2])
def test_calls_give_what_the_function_gives(count: int) -> None:
    assert called(count, square, range(20)) == [item * item for item in range(20)]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_of_a_call_comes_out(count: int) -> None:
    with pytest.raises(ExceptionGroup) as raised:
        called(count, FailAt(3), range(4))
    assert raised.group_contains(FormatError, match="item 3 is bad")


def test_a_worker_that_dies_fails_its_call_in_one_sentence() -> None:
    with pytest.raises(ExceptionGroup) as raised:
        called(2, DieAt(3), range(4))
    assert raised.group_contains(SprintError, match="worker process ended")


def test_the_event_loop_goes_on_while_workers_work(tmp_path: Path) -> None:
    """The call waits for a file that is written here only after it was begun."""

    async def main() -> None:
        async with Workers(2) as workers, asyncio.TaskGroup() as group:
            go, begun, seen = (tmp_path / name for name in ("go", "begun", "seen"))
            group.create_task(workers.call(wait_for, go, begun))
            await asyncio.to_thread(wait_for, begun, seen)
            go.touch()

    asyncio.run(main())


@pytest.fixture
def endless() -> Iterator[subprocess.Popen[str]]:
    """A run that has taken its first outcome from its workers, in a process group of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "support.work"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        yield process
        process.kill()


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    found = psutil.Process(process.pid).children(recursive=True)
    assert len(found) >= 2
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_whole_group(
    endless: subprocess.Popen[str], number: signal.Signals
) -> None:
    workers = descendants(endless)
    os.killpg(endless.pid, number)
    _, errors = endless.communicate(timeout=PROCESS_PATIENCE)
    assert endless.returncode == 130
    assert errors.splitlines()[-1].startswith("Stopped.")
    assert "Traceback" not in errors
    assert psutil.wait_procs(workers, timeout=PROCESS_PATIENCE)[1] == []


def test_workers_end_with_a_parent_that_is_killed(endless: subprocess.Popen[str]) -> None:
    workers = descendants(endless)
    endless.kill()
    assert psutil.wait_procs(workers, timeout=PROCESS_PATIENCE)[1] == []
