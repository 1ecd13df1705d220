from __future__ import annotations

import pytest
from sprint.utils.errors import FormatError
from sprint.utils.grammar import (
    FORCED_FINAL_ANSWER,
    executor_context,
    executor_stops,
    parse_plan_reply,
    planner_context,
    planner_stops,
    published_executor_context,
    request_context,
    training_text,
    trajectory_calls,
    written_phases,
)
from sprint.utils.records import Phase, PlanSegment, Trajectory

PLAN = (PlanSegment("a", "p"), PlanSegment("b", "q"), PlanSegment("c", "r"), PlanSegment("d"))
TRAJECTORY = Trajectory("Q?", (Phase(PLAN, ("1", "2", "3")),), "\\boxed{4}")
START = "Be SPRINT.\n\n<Question>\nQ?\n</Question>\n\n<think>\n"


def test_the_first_planner_context() -> None:
    assert planner_context("Be SPRINT.", "Q?") == START


def test_a_baseline_that_thinks_is_asked_as_the_planner_is() -> None:
    assert request_context("Be SPRINT.", "Q?", think=True) == START


def test_material_stands_after_the_question() -> None:
    assert request_context("Conclude.", "Q?", "Points:\n1", think=False) == (
        "Conclude.\n\n<Question>\nQ?\n</Question>\n\nPoints:\n1\n\n"
    )


def test_written_phases_end_where_the_next_block_begins() -> None:
    phases = (Phase((PlanSegment("a"),)), Phase((PlanSegment("b", "p"),), ("e",)))
    assert written_phases(phases) == (
        "<Plan_1>\na\n</Plan_1>\n\n<Execution_1>\nNo prompt to execute.\n</Execution_1>\n\n"
        "<Plan_2>\nb\n\n<prompt_2.1> p </prompt_2.1>\n</Plan_2>\n\n"
        "<Execution_2>\n<execution_2.1>\ne\n</execution_2.1>\n</Execution_2>\n\n"
    )


def test_an_executor_sees_the_plan_byte_for_byte_up_to_its_prompt() -> None:
    plan = "\n<Plan_2>  a\t<PROMPT_2.1>p</prompt>"
    assert executor_context(START, plan, 2, 1) == (
        f"{START}{plan}\n</Plan_2>\n\n<Execution_2>\n<execution_2.1>\n"
    )


@pytest.mark.parametrize("plan", ["", "<Plan_1>a", "<Plan_1><prompt_1.1>p</prompt_1.1>\n"])
def test_a_plan_text_not_cut_at_a_prompt_is_refused(plan: str) -> None:
    with pytest.raises(FormatError, match=r"should end with </prompt_1\.1>"):
        executor_context(START, plan, 1, 1)


def test_the_published_context_rearranges_the_plan() -> None:
    assert published_executor_context(START, PLAN, 1, 2) == (
        f"{START}<Plan_1>\na\n\nb\n\n<prompt_1.1> q </prompt_1.1>\n\n"
        "c\n\n<prompt_1.2> r </prompt_1.2>\n\nd\n</Plan_1>\n\n"
        "<Execution_1>\n<execution_1.1>\n"
    )


@pytest.mark.parametrize("number", [0, 4])
def test_a_prompt_that_the_plan_does_not_have_is_refused(number: int) -> None:
    with pytest.raises(FormatError, match="Plan 1 has 3 prompts"):
        published_executor_context(START, PLAN, 1, number)


def test_a_trajectory_gives_the_calls_that_inference_makes() -> None:
    calls = trajectory_calls("Be SPRINT.", TRAJECTORY)
    assert [(c.role, c.phase, c.number) for c in calls] == [
        ("planner", 1, 0),
        ("executor", 1, 1),
        ("executor", 1, 2),
        ("executor", 1, 3),
        ("planner", 2, 0),
    ]
    second = calls[2]
    assert second.context == (
        f"{START}<Plan_1>\na\n\n<prompt_1.1> p </prompt_1.1>\n\nb\n\n"
        "<prompt_1.2> q </prompt_1.2>\n</Plan_1>\n\n<Execution_1>\n<execution_1.2>\n"
    )
    assert second.completion == "2\n</execution_1.2>"
    last = calls[-1]
    assert last.context == START + written_phases(TRAJECTORY.phases)
    assert last.completion == "<Final_answer>\n\\boxed{4}\n</Final_answer>"
    assert last.completion.startswith(FORCED_FINAL_ANSWER)


def test_every_call_stops_at_the_end_of_its_completion() -> None:
    for call in trajectory_calls("Be SPRINT.", TRAJECTORY):
        planner = call.role == "planner"
        stops = planner_stops(call.phase) if planner else executor_stops(call.phase, call.number)
        assert len(stops) <= 4
        ends = {call.completion.find(stop) + len(stop) for stop in stops if stop in call.completion}
        assert ends == {len(call.completion)}
        if planner:
            assert parse_plan_reply(call.completion, call.phase).closed


def test_training_text_is_cut_before_think() -> None:
    prompt, completion = training_text("Be SPRINT.", TRAJECTORY)
    assert prompt == START.removesuffix("<think>\n")
    assert completion.startswith("<think>\n<Plan_1>\n")
    assert completion.endswith("\n</Final_answer>\n</think>")
