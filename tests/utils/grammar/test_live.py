"""Replies while they are being written: texts without tags, however they are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.grammar import (
    FinalAnswer,
    LiveExecution,
    LivePart,
    LiveReply,
    LiveThought,
    PartKind,
    contains_tag,
    escaped_content,
    parse_execution_reply,
    parse_plan_reply,
)

Part = TypeVar("Part")

PLAN = "<Plan_1>\nTwo are needed.\n<prompt_1.1> Add 1. </prompt_1.1>\n\nNow 2 < 3.\n\n"
PLAN += "<prompt_1.2>\nAdd 2.\n</prompt_1.2>\n\nThat is all.\n</Plan_1>"

WORDS = (
    "<",
    ">",
    "</",
    "<pro",
    "mpt",
    "mpt_1.1>",
    "_1.1>",
    "1.1>",
    " ",
    "\n",
    "\n\n",
    "x",
    "a < b",
)
TAGS = (
    "<Plan_1>",
    "</Plan_1>",
    "<prompt_1.1>",
    "</prompt_1.1>",
    "<execution_1.1>",
    "</execution_1.1>",
    "<Final_answer>",
    "</Final_answer>",
    "<think>",
    "</think>",
    "<Final answer>",
)
hostile = st.lists(st.sampled_from(WORDS + TAGS), max_size=30)


def parts_of(feed: Callable[[str], Sequence[Part]], deltas: Iterable[str]) -> Iterator[Part]:
    for delta in deltas:
        yield from feed(delta)


def texts(parts: Iterable[LivePart]) -> list[tuple[PartKind, int, str]]:
    """The parts, those of one text put together."""
    found = list[tuple[PartKind, int, str]]()
    for kind, prompt, text in parts:
        if text and found and found[-1][:2] == (kind, prompt):
            found[-1] = (kind, prompt, found[-1][2] + text)
        else:
            found.append((kind, prompt, text))
    return found


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_plan_is_told_in_order(size: int) -> None:
    deltas = [PLAN[start : start + size] for start in range(0, len(PLAN), size)]
    assert texts(parts_of(LiveReply().feed, deltas)) == [
        (PartKind.TEXT, 0, "Two are needed."),
        (PartKind.PROMPT_OPENED, 1, ""),
        (PartKind.PROMPT, 1, "Add 1."),
        (PartKind.PROMPT_CLOSED, 1, ""),
        (PartKind.TEXT, 0, "Now 2 < 3."),
        (PartKind.PROMPT_OPENED, 2, ""),
        (PartKind.PROMPT, 2, "Add 2."),
        (PartKind.PROMPT_CLOSED, 2, ""),
        (PartKind.TEXT, 0, "That is all."),
    ]


def test_what_may_become_a_tag_waits_and_no_more() -> None:
    live = LiveReply(answers=True)
    assert live.feed("It is <") == [LivePart(PartKind.ANSWER, 0, "It is")]
    assert live.feed(" 7") == [LivePart(PartKind.ANSWER, 0, " < 7")]
    assert live.feed("</Final_ans") == []
    assert live.feed("wer>") == []


def test_the_answer_has_no_tag_that_was_put_in_the_planners_mouth() -> None:
    live = LiveReply(answers=True)
    assert texts(live.feed("<Final_answer>\nIt is 1.\n</Final_answer>")) == [
        (PartKind.ANSWER, 0, "It is 1.")
    ]


@given(hostile)
def test_live_parts_are_those_of_the_whole_reply(deltas: list[str]) -> None:
    try:
        reply = parse_plan_reply("".join(deltas), 1)
    except FormatError:
        return
    found = texts(parts_of(LiveReply().feed, deltas))
    if isinstance(reply, FinalAnswer):
        assert found == [(PartKind.ANSWER, 0, reply.text)]
        return
    written = [text for kind, _, text in found if kind is PartKind.TEXT]
    assert written == [segment.text for segment in reply.segments if segment.text]
    assert [text for kind, _, text in found if kind is PartKind.PROMPT] == [*reply.prompts]


@given(hostile)
def test_no_tag_is_told_of_a_plan(deltas: list[str]) -> None:
    found = texts(parts_of(LiveReply().feed, ["<Plan_1>", *deltas]))
    assert [text for _, _, text in found if contains_tag(text)] == []


@given(hostile)
def test_a_live_execution_is_that_of_the_whole_reply(deltas: list[str]) -> None:
    told = "".join(parts_of(LiveExecution().feed, deltas))
    assert told == parse_execution_reply("".join(deltas)).text


@given(hostile, st.booleans())
def test_no_tag_is_told_of_a_serial_reply(deltas: list[str], opened: bool) -> None:
    parts = list(parts_of(LiveThought(opened=opened).feed, deltas))
    for is_answer in (False, True):
        assert not contains_tag("".join(part.text for part in parts if part[1] == is_answer))


def test_a_serial_reply_is_a_thought_and_an_answer() -> None:
    parts = list(parts_of(LiveThought(opened=True).feed, "I add.\n</think>\n\nIt is 2.\n"))
    assert "".join(text for text, is_answer in parts if not is_answer) == "I add."
    assert "".join(text for text, is_answer in parts if is_answer) == "It is 2."


def test_a_reply_that_opens_its_thought_itself() -> None:
    parts = list(parts_of(LiveThought(opened=False).feed, "<think>\nI add.\n</think>\nIt is 2."))
    assert "".join(text for text, is_answer in parts if is_answer) == "It is 2."


def test_a_reply_without_a_thought_is_all_answer() -> None:
    assert [*parts_of(LiveThought(opened=False).feed, ["It is ", "2."])] == [
        ("It is", True),
        (" 2.", True),
    ]


def test_the_end_of_a_reply_may_look_like_a_tag() -> None:
    live = LiveThought(opened=False)
    parts = [*live.feed("x <"), *live.end()]
    assert "".join(part.text for part in parts) == "x <"
    assert live.end() == []


@given(hostile)
def test_what_people_write_is_kept_without_being_a_tag(pieces: list[str]) -> None:
    text = "".join(pieces)
    escaped = escaped_content(text)
    assert not contains_tag(escaped)
    assert escaped.replace(" ", "") == text.strip().replace(" ", "")
