from __future__ import annotations

import pytest
from sprint.utils.errors import FormatError
from sprint.utils.grammar import (
    ExecutionReply,
    FinalAnswer,
    Plan,
    parse_execution_reply,
    parse_plan_reply,
)
from sprint.utils.records import PlanSegment

SEGMENTS = (PlanSegment("a", "p"), PlanSegment("b", "q"), PlanSegment("c"))
WRITTEN = "a\n<prompt_2.1> p </prompt_2.1>\nb <prompt_2.2>q</prompt_2.2> c"


@pytest.mark.parametrize(
    "text",
    [
        f"<Plan_2>\n{WRITTEN}\n</Plan_2>",
        f"\n<plan_7>{WRITTEN}</PLAN>\n\n<Execution_2> <execution_2.1> made up",
        f"<think>\n<Plan_2>\n{WRITTEN}\n</Plan_2>",
        f"<Plan_2>\n{WRITTEN}\n</Plan_2>".replace("_2.2", "_9.9").replace("_2.1", ""),
    ],
)
def test_a_plan_is_read_whatever_its_numbers(text: str) -> None:
    assert parse_plan_reply(text, 2) == Plan(SEGMENTS, closed=True)


@pytest.mark.parametrize("end", ["", "\n", "\n</", "\n</Plan_"])
def test_a_plan_without_its_closing_tag_is_read_on_demand(end: str) -> None:
    text = f"<Plan_2>\n{WRITTEN}{end}"
    assert parse_plan_reply(text, 2, allow_unclosed=True) == Plan(SEGMENTS, closed=False)
    with pytest.raises(FormatError, match="not closed by </Plan_2>"):
        parse_plan_reply(text, 2)


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("<Final_answer>\n\\boxed{4}\n</Final_answer>\n</think>", True),
        ("<Final answer>\n\\boxed{4}\n</final_answer>", True),
        ("<Final_answer>\n\\boxed{4}\n</Final_an", False),
        ("<Final_answer>\n\\boxed{4}\n</think>", False),
    ],
)
def test_a_final_answer_says_whether_it_is_closed(text: str, closed: bool) -> None:
    assert parse_plan_reply(text, 3) == FinalAnswer("\\boxed{4}", closed)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "should open with <Plan_2>"),
        ("I think x < 3.", "should open with <Plan_2>"),
        ("<Execution_2>\n</Execution_2>", "should open with <Plan_2>"),
        ("</Plan_1><Plan_2>a</Plan_2>", "should open with <Plan_2>"),
        ("Well: <Plan_2>a</Plan_2>", "text before its first tag, 'Well:'"),
        ("<Plan_2>a <prompt_2.1> p", "does not close its prompt 1"),
        ("<Plan_2>a <prompt_2.1> p </Plan_2>", "</prompt> after 0 prompts, but has '</Plan_2>'"),
        ("<Plan_2><prompt_2.1> p <prompt_2.2> q </prompt_2.2></Plan_2>", "has '<prompt_2.2>'"),
        ("<Plan_2>a </prompt_2.1></Plan_2>", "has '</prompt_2.1>'"),
        ("<Plan_2>a <prompt_2.1> </prompt_2.1></Plan_2>", "empty prompt 1"),
        ("<Plan_2>a <Plan_2>b</Plan_2></Plan_2>", "has '<Plan_2>'"),
        ("<Plan_2>a <Execution_2>", "has '<Execution_2>'"),
        ("<Plan_2>a <Final_answer>4</Final_answer>", "has '<Final_answer>'"),
        ("<Plan_2>\n</Plan_2>", "is empty"),
        ("<Final_answer>\n</Final_answer>", "is empty"),
        ("<Final_answer>4 <Plan_2>", "has '<Plan_2>'"),
    ],
)
def test_a_malformed_reply_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        parse_plan_reply(text, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2+2 < 5\n</execution_1.1>", ExecutionReply("2+2 < 5", closed=True)),
        ("<execution_1.1>\nfour\n</execution>", ExecutionReply("four", closed=True)),
        ("<Execution_1>\n<execution_1.1>\nfour\n</E", ExecutionReply("four", closed=False)),
        ("four\n<Plan_2>\nmore", ExecutionReply("four", closed=False)),
        ("four\n</Execution_1>", ExecutionReply("four", closed=True)),
        ("", ExecutionReply("", closed=False)),
    ],
)
def test_an_execution_is_the_text_up_to_the_first_tag(text: str, expected: ExecutionReply) -> None:
    assert parse_execution_reply(text) == expected
