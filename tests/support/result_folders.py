"""Small result folders of all kinds, as a run leaves them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sprint.utils.grammar import render
from sprint.utils.records import Call, Problem, Result, Trajectory
from sprint.utils.results.writing import SERIAL_LAYOUT, SPRINT_LAYOUT, ResultFolder

from .results import result_of
from .scripts import PROBLEM, TRAJECTORY

CALL = result_of(0).calls[0]


def call(phase: int, prompt: int, started: float, finished: float, *, kept: bool = True) -> Call:
    """A call of PROBLEM; prompt 0 is the planner's."""
    return replace(
        CALL,
        problem_id=PROBLEM.id,
        role="executor" if prompt else "planner",
        phase=phase,
        prompt=prompt,
        started=started,
        first_token=started + 0.5,
        finished=finished,
        kept=kept,
        error="" if kept else "malformed",
    )


CALLS = (
    call(1, 0, 0, 2, kept=False),
    call(1, 0, 2, 6),
    call(1, 1, 4, 9),
    call(1, 2, 5, 7),
    call(2, 0, 9, 10),
    call(3, 0, 10, 12),
    call(3, 1, 11, 14),
    call(4, 0, 14, 15),
)
"""What TRAJECTORY may have taken; its path ends at 15 s."""


def sprint_result(
    problem: Problem = PROBLEM,
    trajectory: Trajectory = TRAJECTORY,
    answer: str = "26",
    calls: Sequence[Call] = CALLS,
    faults: Sequence[str] = (),
) -> Result:
    text = render(trajectory)
    mine = tuple(replace(one, problem_id=problem.id) for one in calls)
    return Result(problem, text, text, answer, 15.0, mine, tuple(faults))


def serial_result(
    problem: Problem = PROBLEM, text: str = "2*3=6 \\boxed{26}", answer: str = "26"
) -> Result:
    one = replace(CALL, problem_id=problem.id, role="solver", phase=0, finished=20.0)
    return Result(problem, text, text, answer, 20.0, (one,))


def write_results(
    path: Path,
    results: Sequence[Result],
    *,
    serial: bool = False,
    method: str = "",
    tokenizer: str = "",
) -> Path:
    """A result folder with its table, ledger and run.json."""
    configuration = {"method": method or ("RFT" if serial else "SPRINT"), "tokenizer": tokenizer}
    folder = ResultFolder(path, SERIAL_LAYOUT if serial else SPRINT_LAYOUT, configuration)
    for result in results:
        folder.add(result)
    folder.write_tables()
    return path


def write_unreadable(folder: Path, count: int) -> Path:
    """A result folder whose answers the grader cannot read; every other one is right, `x` aside."""
    folder.mkdir()
    head = ["ProblemIdx", "Question", "PredictedFinalAnswer", "TrueFinalAnswer"]
    rows = [[f"p{n}", "?", rf"\frac{{{n}x}}{{", f"{n + n % 2}x"] for n in range(count)]
    with (folder / "base_model_output.csv").open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return folder
