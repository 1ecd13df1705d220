from __future__ import annotations

import pytest
from hypothesis import given
from sprint.utils.errors import FormatError
from sprint.utils.grammar import trajectory_calls
from sprint.utils.latency.priced_path import TimePrices, priced_seconds
from sprint.utils.latency.text_work import serial_rounds, text_rounds
from sprint.utils.records import Phase, PlanSegment, Trajectory
from sprint.utils.tokens.counting import generated_sequential_tokens
from support.scripts import TRAJECTORY
from support.strategies import trajectories


def lone(*, after: str = "") -> Trajectory:
    rest = (PlanSegment(after),) if after else ()
    plan = (PlanSegment("First", "do it"), *rest)
    return Trajectory("q", (Phase(plan, ("done " * 50 + "now",)),), "4")


@given(trajectories)
def test_with_a_price_of_tokens_alone_the_path_is_the_generated_sequential_tokens(
    trajectory: Trajectory,
) -> None:
    priced = priced_seconds(text_rounds(trajectory, len), TimePrices(1))
    assert priced == pytest.approx(generated_sequential_tokens(trajectory, len))


@given(trajectories)
def test_the_calls_are_those_that_training_texts_have(trajectory: Trajectory) -> None:
    rounds = text_rounds(trajectory, len)
    generated = [one.planner.generated for one in rounds if one.planner]
    generated += [s.attempts[0].generated for one in rounds for s in one.executors]
    calls = trajectory_calls("instructions", trajectory)
    assert sorted(generated) == sorted(len(call.completion) for call in calls)


def test_a_lone_execution_at_the_end_of_its_plan_is_in_the_cache() -> None:
    at_the_end = text_rounds(lone(), len)[1].planner
    before_more = text_rounds(lone(after="More"), len)[1].planner
    assert at_the_end is not None
    assert before_more is not None
    assert at_the_end.prompt < 50 < 250 < before_more.prompt


def test_results_of_several_executions_are_read_again() -> None:
    rounds = text_rounds(TRAJECTORY, len)
    results = sum(map(len, TRAJECTORY.phases[0].executions))
    assert rounds[1].planner is not None
    assert rounds[1].planner.prompt > results


def test_a_serial_answer_is_one_call() -> None:
    (only,) = serial_rounds("q", "thought and answer", len)
    assert only.planner is not None
    assert only.planner.generated == len("thought and answer")
    assert not only.executors


def test_a_trajectory_with_a_missing_execution_has_no_work() -> None:
    phase = Phase((PlanSegment("First", "do it"),))
    with pytest.raises(FormatError):
        text_rounds(Trajectory("q", (phase,), None), len)
