"""Many items at once: the limit, the first error, and what stands afterwards."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sprint.utils.errors import (
    FormatError,
    InputError,
    RefusedError,
    SaveError,
    ServerError,
    TooLongError,
    first_leaf,
)
from sprint.utils.methods.runner import MOST_UNANSWERED, run_all, run_async, solve_all
from sprint.utils.records import Problem, Result
from sprint.utils.results.writing import SPRINT_LAYOUT, ResultFolder
from support.limits import PATIENCE
from support.results import result_of

PROBLEMS = [result_of(index).problem for index in range(4)]


class Crowd:
    """Work that counts how many are at it, and goes on only when `size` are, or all are done."""

    def __init__(self, total: int, size: int) -> None:
        self.size, self.total = size, total
        self.here = self.peak = self.seen = 0
        self.enough = asyncio.Event()

    async def work(self, _: int) -> None:
        self.here += 1
        self.seen += 1
        self.peak = max(self.peak, self.here)
        if self.here == self.size or self.seen == self.total:
            self.enough.set()
        await self.enough.wait()
        await asyncio.sleep(0)
        self.here -= 1


@pytest.mark.parametrize(
    ("items", "workers", "peak"), [(7, 3, 3), (2, 8, 2), (5, 1, 1), (3, 0, 1), (0, 4, 0)]
)
def test_as_many_at_a_time_as_there_are_workers(items: int, workers: int, peak: int) -> None:
    async def main() -> Crowd:
        crowd = Crowd(items, peak)
        async with asyncio.timeout(PATIENCE):
            await run_all(range(items), crowd.work, workers=workers, label="test")
        return crowd

    crowd = asyncio.run(main())
    assert (crowd.peak, crowd.seen) == (peak, items)


def test_the_first_error_cancels_the_others_and_comes_bare() -> None:
    cancelled: list[int] = []
    started: list[int] = []

    async def work(item: int) -> None:
        started.append(item)
        if item == 1:
            raise ServerError("the server is gone")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(item)
            raise

    async def main() -> None:
        async with asyncio.timeout(PATIENCE):
            await run_all(range(9), work, workers=3, label="test")

    with pytest.raises(ServerError, match="the server is gone"):
        asyncio.run(main())
    assert set(started) - set(cancelled) == {1}
    assert 3 not in started


def test_what_cannot_be_saved_lets_the_others_end(caplog: pytest.LogCaptureFixture) -> None:
    """What they ask is paid for; nothing new is begun."""
    ended: list[int] = []

    async def main() -> None:
        failed = asyncio.Event()

        async def work(item: int) -> None:
            if item == 1:
                failed.set()
                raise SaveError("the disk is full")
            await failed.wait()
            await asyncio.sleep(0)
            ended.append(item)

        async with asyncio.timeout(PATIENCE):
            await run_all(range(9), work, workers=3, label="test")

    with pytest.raises(SaveError, match="the disk is full"):
        asyncio.run(main())
    assert set(ended) == {0, 2}
    assert "Waiting for running items" in caplog.text


def test_first_leaf_looks_through_groups() -> None:
    leaf = ServerError("gone")
    assert first_leaf(ExceptionGroup("a", [ExceptionGroup("b", [leaf]), ValueError()])) is leaf
    assert first_leaf(leaf) is leaf


def new_folder(path: Path) -> ResultFolder:
    return ResultFolder(path, SPRINT_LAYOUT, {"method": "SPRINT"})


def finished_rows(path: Path) -> list[str]:
    csv = path / "agent_orchestration_output.csv"
    return pd.read_csv(csv)["ProblemIdx"].tolist() if csv.exists() else []


async def solve_at_once(problem: Problem) -> Result:
    return result_of(problem.index)


def test_all_problems_are_solved_and_in_the_tables(tmp_path: Path) -> None:
    asyncio.run(solve_all(PROBLEMS, solve_at_once, new_folder(tmp_path), workers=2, label="SPRINT"))
    assert finished_rows(tmp_path) == [problem.id for problem in PROBLEMS]


def test_tables_are_written_as_the_run_goes_on(tmp_path: Path) -> None:
    """Of few problems after each, of many after each twentieth part: all in all linear."""
    many = [result_of(index).problem for index in range(60)]
    found: list[int] = []

    async def solve(problem: Problem) -> Result:
        found.append(len(finished_rows(tmp_path)))
        return result_of(problem.index)

    asyncio.run(solve_all(many, solve, new_folder(tmp_path), workers=1, label="SPRINT"))
    assert found[:30] == list(range(30))
    assert all(standing - rows < 3 for standing, rows in enumerate(found))
    assert len(set(found)) < len(found)


def test_only_what_is_missing_is_solved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = new_folder(tmp_path)
    folder.add(result_of(1))
    solved: list[int] = []

    async def solve(problem: Problem) -> Result:
        solved.append(problem.index)
        return result_of(problem.index)

    asyncio.run(solve_all(PROBLEMS, solve, folder, workers=2, label="SPRINT"))
    assert solved == [0, 2, 3]
    assert capsys.readouterr().err.startswith("SPRINT: 4/4, ")


def unanswered(problem: Problem) -> Result:
    return replace(result_of(problem.index), faults=("bad gateway",), final=False)


def test_a_problem_without_an_answer_is_tried_again_and_the_run_says_so(tmp_path: Path) -> None:
    async def solve(problem: Problem) -> Result:
        return unanswered(problem) if problem.index == 1 else result_of(problem.index)

    folder = new_folder(tmp_path)
    with pytest.raises(ServerError, match=r"1 of 4 problems are not finished.*bad gateway"):
        asyncio.run(solve_all(PROBLEMS, solve, folder, workers=2, label="SPRINT"))
    assert finished_rows(tmp_path) == [problem.id for problem in PROBLEMS]
    assert [p.index for p in PROBLEMS if not folder.is_finished(p)] == [1]


def test_a_server_that_answers_no_more_ends_the_run(tmp_path: Path) -> None:
    many = [result_of(index).problem for index in range(30)]
    asked: list[int] = []

    async def solve(problem: Problem) -> Result:
        asked.append(problem.index)
        return unanswered(problem) if problem.index > 3 else result_of(problem.index)

    with pytest.raises(ServerError, match=r"The last 5 problems are not finished"):
        asyncio.run(solve_all(many, solve, new_folder(tmp_path), workers=1, label="SPRINT"))
    assert asked == list(range(4 + MOST_UNANSWERED))


def test_a_problem_that_cannot_be_asked_is_marked_and_the_others_go_on(tmp_path: Path) -> None:
    async def solve(problem: Problem) -> Result:
        if problem.index == 1:
            raise FormatError("the question contains a tag")
        return result_of(problem.index)

    asyncio.run(solve_all(PROBLEMS, solve, new_folder(tmp_path), workers=2, label="SPRINT"))
    table = pd.read_csv(tmp_path / "agent_orchestration_output.csv", keep_default_na=False)
    assert table["ProblemIdx"].tolist() == [problem.id for problem in PROBLEMS]
    assert table["PredictedFinalAnswer"].tolist() == ["None", "", "None", "None"]
    assert table["Faults"][1] == "the question contains a tag"


def test_a_problem_that_the_server_refuses_stays_unsolved_and_is_told(tmp_path: Path) -> None:
    async def solve(problem: Problem) -> Result:
        if problem.index == 1:
            raise RefusedError("max_tokens is too large")
        return result_of(problem.index)

    folder = ResultFolder(tmp_path, SPRINT_LAYOUT, {})
    with pytest.raises(InputError, match=r"1 of 4 problems are not solved.*max_tokens"):
        asyncio.run(solve_all(PROBLEMS, solve, folder, workers=2, label="test"))
    assert [folder.is_finished(problem) for problem in PROBLEMS] == [True, False, True, True]


def test_a_problem_that_does_not_fit_the_context_counts_as_wrong_and_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def solve(problem: Problem) -> Result:
        if problem.index == 1:
            raise TooLongError("The prompt does not fit the context of 10 tokens.")
        return result_of(problem.index)

    folder = ResultFolder(tmp_path, SPRINT_LAYOUT, {})
    asyncio.run(solve_all(PROBLEMS, solve, folder, workers=2, label="test"))
    assert all(folder.is_finished(problem) for problem in PROBLEMS)
    table = pd.read_csv(tmp_path / "agent_orchestration_output.csv", keep_default_na=False)
    assert (table["PredictedFinalAnswer"][1], "does not fit" in table["Faults"][1]) == ("", True)
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("1 of 4 problems do not fit the context")


def test_a_refused_problem_has_a_row_until_the_same_command_solves_it(tmp_path: Path) -> None:
    """Without a row the accuracy would be that of the others."""

    async def refuse(problem: Problem) -> Result:
        raise RefusedError("the context is too long")

    with pytest.raises(InputError, match="2 of 2 problems are not solved"):
        asyncio.run(
            solve_all(PROBLEMS[:2], refuse, new_folder(tmp_path), workers=1, label="SPRINT")
        )
    table = pd.read_csv(tmp_path / "agent_orchestration_output.csv", keep_default_na=False)
    assert table["ProblemIdx"].tolist() == ["test_sums_0", "test_sums_1"]
    assert table["PredictedFinalAnswer"].tolist() == ["", ""]
    assert set(table["Faults"]) == {"the context is too long"}
    asyncio.run(
        solve_all(PROBLEMS[:2], solve_at_once, new_folder(tmp_path), workers=1, label="SPRINT")
    )
    table = pd.read_csv(tmp_path / "agent_orchestration_output.csv", keep_default_na=False)
    assert table["PredictedFinalAnswer"].tolist() == ["None", "None"]
    assert set(table["Faults"]) == {"one; two"}


@pytest.mark.parametrize("error", [ServerError("gone"), KeyboardInterrupt()])
def test_what_was_solved_before_an_error_is_in_the_tables(
    tmp_path: Path, error: BaseException
) -> None:
    async def solve(problem: Problem) -> Result:
        if problem.index == 2:
            raise error
        return result_of(problem.index)

    with pytest.raises(type(error)):
        asyncio.run(solve_all(PROBLEMS, solve, new_folder(tmp_path), workers=1, label="SPRINT"))
    assert finished_rows(tmp_path) == ["test_sums_0", "test_sums_1"]


def test_a_cancelled_run_writes_its_tables(tmp_path: Path) -> None:
    async def main() -> None:
        reached = asyncio.Event()

        async def solve(problem: Problem) -> Result:
            if problem.index == 1:
                reached.set()
                await asyncio.Event().wait()
            return result_of(problem.index)

        run = asyncio.create_task(
            solve_all(PROBLEMS, solve, new_folder(tmp_path), workers=1, label="SPRINT")
        )
        async with asyncio.timeout(PATIENCE):
            await reached.wait()
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run

    asyncio.run(main())
    assert finished_rows(tmp_path) == ["test_sums_0"]


def test_run_async_runs_to_the_end_and_passes_errors_on() -> None:
    done: list[str] = []

    async def main() -> None:
        await asyncio.sleep(0)
        done.append("end")
        raise ServerError("gone")

    with pytest.raises(ServerError, match="gone"):
        run_async(main)
    assert done == ["end"]
