"""Problems that are solved in other processes, as they would be in this one."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
from sprint.utils.errors import BusyError, RefusedError, ServerError, SprintError
from sprint.utils.methods.client_processes import Solve, solve_in_processes
from sprint.utils.records import Problem, Result
from support.limits import PATIENCE
from support.scripts import PROBLEM

PROBLEMS = [replace(PROBLEM, id=f"test_{number}", index=number) for number in range(7)]


@asynccontextmanager
async def open_solver(fault: str = "") -> AsyncIterator[Solve]:
    """A solver whose answers are the ids of the processes that gave them."""

    async def solve(problem: Problem) -> Result:
        match fault:
            case "refused":
                raise RefusedError(f"{problem.id} is too long")
            case "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "signalled":
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    os.kill(os.getpid(), number)
            case "endless":
                await asyncio.Event().wait()
        return Result(problem, "x" * 300_000, "", str(os.getpid()), elapsed=1.0, calls=())

    if fault == "no server":
        raise ServerError("no server")
    yield solve


def solved(fault: str = "", count: int = 2) -> list[Result]:
    async def main() -> list[Result]:
        async with (
            asyncio.timeout(PATIENCE),
            solve_in_processes(partial(open_solver, fault), count) as solve,
        ):
            return list(await asyncio.gather(*map(solve, PROBLEMS)))

    return asyncio.run(main())


def test_each_problem_has_its_result_and_every_process_its_share() -> None:
    results = solved()
    assert [result.problem for result in results] == PROBLEMS
    pids = {result.answer for result in results}
    assert len(pids) == 2
    assert str(os.getpid()) not in pids
    assert multiprocessing.active_children() == []


def test_one_process_is_this_one() -> None:
    assert {result.answer for result in solved(count=1)} == {str(os.getpid())}


@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        ("refused", RefusedError, "too long"),
        ("no server", ServerError, "no server"),
        ("killed", SprintError, "--client_processes"),
    ],
)
def test_errors_come_back(fault: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        solved(fault)
    assert multiprocessing.active_children() == []


def test_signals_to_one_process_alone_cost_nothing() -> None:
    assert [result.problem for result in solved("signalled")] == PROBLEMS


def test_no_process_outlives_a_run_that_is_stopped() -> None:
    async def main() -> None:
        async with solve_in_processes(partial(open_solver, "endless"), 2) as solve:
            await asyncio.wait([asyncio.create_task(solve(PROBLEM))], timeout=0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert multiprocessing.active_children() == []


def test_a_passing_fault_keeps_what_it_says() -> None:
    error = pickle.loads(pickle.dumps(BusyError("busy", 3.0, sent=False)))
    assert (str(error), error.kind, error.retry_after, error.sent) == ("busy", "429", 3.0, False)
