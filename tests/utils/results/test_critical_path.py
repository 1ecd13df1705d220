from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.records import Call
from sprint.utils.results.critical_path import PathTime, critical_path, path_time

PLANNER = Call(
    problem_id="a",
    role="planner",
    phase=1,
    prompt=0,
    attempt=1,
    kept=True,
    started=0.0,
    first_token=0.0,
    finished=0.0,
    prompt_tokens=1,
    cached_tokens=0,
    completion_tokens=1,
    finish_reason="stop",
)


def planner(phase: int, started: float, first: float, finished: float, kept: bool = True) -> Call:
    return replace(
        PLANNER, phase=phase, started=started, first_token=first, finished=finished, kept=kept
    )


def executor(
    prompt: int, started: float, first: float, finished: float, phase: int = 1, kept: bool = True
) -> Call:
    call = planner(phase, started, first, finished, kept)
    return replace(call, role="executor", prompt=prompt)


def rounded(time: PathTime) -> tuple[float, ...]:
    parts = (time.planner, time.executor, time.waiting, time.discarded, time.client)
    return tuple(round(part, 9) for part in parts)


def test_the_last_executor_to_end_is_on_the_path() -> None:
    calls = [
        planner(1, 0, 1, 10),
        executor(1, 4, 5, 11),
        executor(2, 7, 7.5, 9),
        planner(2, 12, 13, 15),
    ]
    assert rounded(path_time(calls, 16)) == (3 + 2, 6, 1 + 1 + 1, 0, 1 + 1)


def test_without_a_planner_the_last_executor_to_end_is_the_path() -> None:
    """As in self-consistency; a repeated request is on the path, too."""
    calls = [
        executor(1, 0, 1, 5),
        executor(2, 0, 1, 3, kept=False),
        executor(2, 4, 5, 9),
    ]
    assert rounded(path_time(calls, 9)) == (0, 4, 1, 3, 1)


def test_executors_that_end_before_the_plan_cost_nothing() -> None:
    assert rounded(path_time([planner(1, 0, 1, 10), executor(1, 4, 5, 9)], 10)) == (9, 0, 1, 0, 0)


def test_attempts_that_were_thrown_away_are_told_apart() -> None:
    calls = [
        planner(1, 0, 1, 3, kept=False),
        executor(1, 2, 0, 3, kept=False),
        planner(1, 3, 4, 6),
        executor(1, 5, 0, 7, kept=False),
        executor(1, 8, 8, 12),
    ]
    assert rounded(path_time(calls, 12)) == (1, 4, 1, 3 + 2, 1)


def test_a_serial_answer_is_one_call() -> None:
    serial = replace(planner(0, 0, 0.5, 4), role="serial")
    assert rounded(path_time([serial], 4)) == (3.5, 0, 0.5, 0, 0)


def test_without_calls_all_is_the_client_s() -> None:
    assert path_time([], 2.0) == PathTime(client=2.0)


steps = st.floats(0.001, 5)


@st.composite
def problems(draw: st.DrawFn) -> list[Call]:
    """Calls as inference makes them: a phase begins when the one before has ended."""
    calls, now = list[Call](), 0.0
    for phase in range(1, draw(st.integers(1, 4)) + 1):
        now += draw(steps)
        plan = planner(phase, now, now + draw(steps), now + 5 + draw(steps))
        mine = [plan]
        for prompt in range(1, draw(st.integers(0, 3)) + 1):
            started = draw(st.floats(plan.first_token, plan.finished))
            first = started + draw(steps)
            mine.append(executor(prompt, started, first, first + draw(steps), phase))
        calls += mine
        now = max(call.finished for call in mine)
    return calls


@given(problems(), steps)
def test_the_parts_add_up_to_the_wall_clock(calls: list[Call], after: float) -> None:
    elapsed = max(call.finished for call in calls) + after
    time = path_time(calls, elapsed)
    assert time.total == pytest.approx(elapsed)
    assert min(rounded(time)) >= 0


@given(problems())
def test_no_call_of_the_path_begins_before_the_one_before_has_ended(calls: list[Call]) -> None:
    path = critical_path(calls)
    for before, after in pairwise(path):
        assert before.end <= after.call.started + 1e-9
    assert path[-1].end == max(call.finished for call in calls)
