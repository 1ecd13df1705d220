"""Replies of instruct models: repaired where it is clear what they mean, else left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.grammar import (
    FORCED_FINAL_ANSWER,
    Asked,
    FinalAnswer,
    Plan,
    TidyReply,
    asked_of,
    parse_execution_reply,
    parse_plan_reply,
    planner_context,
    tidied,
    trajectory_calls,
)
from sprint.utils.records import PlanSegment, Trajectory
from support.limits import processor_patience
from support.scripts import QUESTION, TRAJECTORY
from support.strategies import soup, trajectories

PLAN = Asked("", "plan", 1)
EXECUTION = Asked("", "execution", 1, 2)
ANSWER = Asked("", "answer")
PARTS = st.sampled_from([PLAN, EXECUTION, ANSWER])

GOOD = "<Plan_1>\nTwo.\n\n<prompt_1.1> A. </prompt_1.1>\n\n<prompt_1.2> B. </prompt_1.2>\n</Plan_1>"
SEGMENTS = (PlanSegment("Two.", "A."), PlanSegment("", "B."))


@given(trajectories)
def test_each_context_says_what_it_asks_for(trajectory: Trajectory) -> None:
    for call in trajectory_calls("Solve.", trajectory):
        asked = asked_of(call.context)
        if call.role == "executor":
            assert (asked.part, asked.phase, asked.number) == ("execution", call.phase, call.number)
        else:
            assert (asked.part, asked.phase) == ("plan", call.phase)
        assert "<think>" not in asked.text
        assert call.context.replace("<think>\n", "").startswith(asked.text)


def test_a_forced_answer_and_other_texts() -> None:
    context = planner_context("Solve.", QUESTION)
    assert asked_of(context + FORCED_FINAL_ANSWER) == asked_of(context)._replace(
        part="answer", phase=0
    )
    for text in ("", "Solve.", context + "<Plan_1>\n", context + "<execution_1.1>\n"):
        with pytest.raises(FormatError, match="asks for no part"):
            asked_of(text)


@given(trajectories, st.integers(1, 9))
def test_well_formed_replies_stay_as_they_are(trajectory: Trajectory, step: int) -> None:
    for call in trajectory_calls("Solve.", trajectory):
        if call.role == "planner":
            assert streamed(call.completion, asked_of(call.context), step) == call.completion


@given(soup, PARTS, st.integers(1, 9), st.booleans())
def test_pieces_do_not_matter(text: str, asked: Asked, step: int, complete: bool) -> None:
    assert streamed(text, asked, step, complete) == tidied(text, asked, complete=complete)


@given(trajectories, st.sampled_from(["", "\n", "<think>\n"]), soup)
def test_what_strict_parsers_accept_is_read_in_the_same_way(
    trajectory: Trajectory, before: str, after: str
) -> None:
    for call in trajectory_calls("Solve.", trajectory):
        if call.role == "planner":
            text = before + call.completion.swapcase() + after
            try:
                strict = parse_plan_reply(text, call.phase)
            except FormatError:
                continue  # an empty prompt
            tidy = tidied(text, asked_of(call.context), complete=True)
            assert parse_plan_reply(tidy, call.phase) == strict


@given(soup, PARTS)
def test_a_repaired_reply_needs_no_repair(text: str, asked: Asked) -> None:
    once = tidied(text, asked, complete=True)
    assert tidied(once, asked, complete=True).strip() == once.strip()


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```xml\n{GOOD}\n```",
        f"Sure! Here is the plan:\n\n**{GOOD}** Shall I go on?",
        f"Sure! Here is the plan: {GOOD}",
        f"Here is <Plan_1>:\n\n{GOOD}",
        f"I can write <Plan_1> or <Final_answer> now.\n{GOOD}",
        f"<think>\nThe rules want <Plan_1> first.\n</think>\n\n{GOOD}",
        f"<think>\n{GOOD}",
        GOOD.replace("Plan", "PLAN").replace("prompt", "Prompt"),
        GOOD.removesuffix("</Plan_1>"),
        f"```\n{GOOD.removesuffix('</Plan_1>')}```",
        GOOD.replace(" </prompt_1.1>", ""),
        GOOD.replace(" </prompt_1.2>", ""),
        GOOD.removesuffix(" </prompt_1.2>\n</Plan_1>"),
        GOOD.replace("</Plan_1>", "\n<Execution_1>\n<execution_1.1>\n1\n</execution_1.1>"),
        GOOD.replace("</Plan_1>", "<Final_answer>\n4\n</Final_answer>"),
    ],
)
def test_plans_that_are_repaired(text: str) -> None:
    assert parse_plan_reply(tidied(text, PLAN, complete=True), 1) == Plan(SEGMENTS, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot do that.",
        "Plan 1: add both numbers.",
        "<prompt_1.1> A. </prompt_1.1>",
        "<Plan_1>\n</Plan_1>",
        "I can write either <Plan_1> or <Final_answer>.",
        "<Plan_1>\nTwo. </prompt_1.1>\n</Plan_1>",
        "<Plan_1>\nIt is in <execution_1.1>.\n</Plan_1>",
        "<think>\nOnly a thought about \\boxed{4}",
    ],
)
def test_what_is_no_plan_is_still_refused(text: str) -> None:
    with pytest.raises(FormatError):
        parse_plan_reply(tidied(text, PLAN, complete=True), 1)


def test_a_plan_that_was_cut_off_is_not_closed() -> None:
    cut = GOOD.removesuffix("</Plan_1>")
    with pytest.raises(FormatError, match="not closed"):
        parse_plan_reply(tidied(cut, PLAN, complete=False), 1)


@pytest.mark.parametrize(
    "text",
    [
        "<Final_answer>\nIt is \\boxed{4}.\n</Final_answer>",
        "Easy.\n<final answer>\nIt is \\boxed{4}.\n</final answer>",
        "<Final_answer>\nIt is \\boxed{4}.",
        "It is \\boxed{4}.",
        "```\nIt is \\boxed{4}.\n```",
    ],
)
def test_answers_in_place_of_a_plan(text: str) -> None:
    answer = parse_plan_reply(tidied(text, PLAN, complete=True), 1)
    assert answer == FinalAnswer("It is \\boxed{4}.", True)


def test_a_boxed_answer_that_was_cut_off_is_none() -> None:
    with pytest.raises(FormatError):
        parse_plan_reply(tidied("It is \\boxed{4}, for", PLAN, complete=False), 1)


@pytest.mark.parametrize(
    "text",
    [
        "2*3=6.",
        "2*3=6.\n</execution_1.2>",
        "<execution_1.2>\n2*3=6.\n</execution_1.2>",
        "<Execution_1>\n<execution_1.2>\n2*3=6.\n</execution_1.2>\n</Execution_1>",
        "Here it is:\n<execution_1.2>\n2*3=6.",
        "```\n2*3=6.\n```",
        "```\n<execution_1.2>\n2*3=6.\n```",
        "<think>Hm.</think>2*3=6.",
    ],
)
def test_executions(text: str) -> None:
    reply = parse_execution_reply(tidied(text, EXECUTION, complete=True))
    assert (reply.text, reply.closed) == ("2*3=6.", True)


@pytest.mark.parametrize("begin", ["", "<execution_1.2>\n"])
@pytest.mark.parametrize("end", ["", "\n</execution_1.2>"])
def test_a_reference_to_another_execution_stays(begin: str, end: str) -> None:
    text = f"{begin}Based on <execution_1.1>, 2*3=6.{end}"
    reply = parse_execution_reply(tidied(text, EXECUTION, complete=True))
    assert reply.text == "Based on execution_1.1, 2*3=6."


def test_a_reference_to_the_same_number_of_an_earlier_phase_stays() -> None:
    asked, text = Asked("", "execution", 2, 1), "<execution_1.1> is 6."
    assert parse_execution_reply(tidied(text, asked, complete=True)).text == "execution_1.1 is 6."


@pytest.mark.parametrize("asked", [PLAN, EXECUTION, ANSWER])
@pytest.mark.parametrize("line", ["x <Plan_1> <execution_1.1>", "x <Final_answer>", "* : `"])
def test_a_hostile_line_takes_little_time(line: str, asked: Asked) -> None:
    with processor_patience():
        tidied(line * 30_000, asked, complete=True)


def test_code_in_an_execution_stays() -> None:
    code = "```python\nprint(2*3)\n```\nIt prints 6."
    assert parse_execution_reply(tidied(code, EXECUTION, complete=True)).text == code


@pytest.mark.parametrize("text", ["", "<think>Endless", "  \n"])
def test_an_empty_execution_stays_empty(text: str) -> None:
    assert not parse_execution_reply(tidied(text, EXECUTION, complete=True)).text


def test_executions_of_trajectories_stay_as_they_are() -> None:
    for call in trajectory_calls("Solve.", TRAJECTORY):
        if call.role == "executor":
            asked = asked_of(call.context)
            assert tidied(call.completion, asked, complete=True) == call.completion


def streamed(text: str, asked: Asked, step: int, complete: bool = True) -> str:
    tidy = TidyReply(asked)
    pieces = [tidy.feed(text[at : at + step]) for at in range(0, len(text), step)]
    return "".join(pieces) + tidy.end(complete=complete)
