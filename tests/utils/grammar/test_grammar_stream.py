from __future__ import annotations

import pytest
from sprint.utils.grammar import (
    ClosedPrompt,
    ExecutionStream,
    PlanStream,
    parse_plan_reply,
    render_plan,
)
from sprint.utils.records import PlanSegment

PLAN = "<Plan_1>\na < b\n<prompt_1.1> x < 3 </prompt_1.1>\n<prompt_1.2>q</prompt>\n</Plan_1>"


def feed_all(stream: PlanStream, text: str, size: int) -> list[ClosedPrompt]:
    found: list[ClosedPrompt] = []
    for start in range(0, len(text), size):
        found += stream.feed(text[start : start + size])
    return found


def test_a_prompt_is_reported_with_the_character_that_closes_it() -> None:
    stream = PlanStream(1)
    end = PLAN.index("</prompt_1.1>") + len("</prompt_1.1>")
    assert stream.feed(PLAN[: end - 1]) == []
    assert stream.feed(PLAN[end - 1]) == [ClosedPrompt(1, "x < 3", end)]


def test_tags_may_be_cut_anywhere() -> None:
    stream = PlanStream(1)
    assert [(p.number, p.text) for p in feed_all(stream, PLAN, 1)] == [(1, "x < 3"), (2, "q")]
    assert stream.text == PLAN
    assert stream.ended


def test_wrong_numbers_and_case_do_not_matter() -> None:
    found = PlanStream(3).feed("<PLAN> <PROMPT_9.9>a</prompt_1> <Prompt>b</PROMPT_3.2>")
    assert [(p.number, p.text) for p in found] == [(1, "a"), (2, "b")]


def test_the_last_opening_of_nested_prompts_wins() -> None:
    found = PlanStream(1).feed("<Plan_1><prompt_1.1> a <prompt_1.2> b </prompt_1.2></prompt_1.1>")
    assert [(p.number, p.text) for p in found] == [(1, "b")]


def test_what_follows_the_end_of_the_plan_is_not_looked_at() -> None:
    stream = PlanStream(1)
    assert stream.feed("<Plan_1>a</Plan_1>\n<Plan_2><prompt_2.1>p</prompt_2.1>") == []
    assert stream.feed("<prompt_2.2>q</prompt_2.2>") == []


def test_a_long_plan_with_many_prompts_in_many_deltas() -> None:
    plan = [
        PlanSegment("x < y > z " * 60 + "end", f"prompt {k} <b> " * 20 + "go") for k in range(200)
    ]
    text = render_plan(plan, 1)
    found = feed_all(PlanStream(1), text, 5)
    reply = parse_plan_reply(text, 1)
    assert tuple(p.text for p in found) == getattr(reply, "prompts", None)
    assert all(text[: p.end].endswith(f"</prompt_1.{p.number}>") for p in found)


def test_a_tail_that_never_becomes_a_tag_is_not_kept() -> None:
    stream = PlanStream(1)
    feed_all(stream, "<Plan_1><prompt_1.1>" + "<" * 3000 + "a" * 3000, 7)
    assert stream.feed("</prompt_1.1>")[0].text == "<" * 3000 + "a" * 3000


@pytest.mark.parametrize("size", [1, 3, 99])
@pytest.mark.parametrize("closing", ["</execution_1.1>", "</Execution 7>", "</EXECUTION_9.9 >"])
def test_an_execution_ends_at_the_first_closing_tag_of_one(closing: str, size: int) -> None:
    stream, text = ExecutionStream(), "<execution_1.1>\n2 < 3 </prompt_1.1> so. " + closing
    for start in range(0, len(text), size):
        ended = stream.feed(text[start : start + size])
        assert ended == stream.ended == (start + size >= len(text))
    assert stream.feed(" and more")
