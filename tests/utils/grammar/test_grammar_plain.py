"""Model text as content of a trajectory."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from sprint.utils.grammar import (
    after_thought,
    contains_tag,
    parse,
    plain_content,
    render,
    within_thought,
)
from sprint.utils.records import Phase, PlanSegment, Trajectory
from support.strategies import contents, soup


@given(soup)
@example("<pro<think>mpt_1.1> x")
@example("<pl<think>an><ex<Plan_1>ecution_1.1>")
def test_anything_can_be_content(text: str) -> None:
    content = plain_content(text)
    assert not contains_tag(content)
    assert content == content.strip()
    trajectory = Trajectory("Q", (Phase((PlanSegment("", ""),), (content,)),), None)
    assert parse(render(trajectory)) == trajectory


@pytest.mark.parametrize(
    ("text", "opened", "within"),
    [
        ("hm", True, True),
        ("hm", False, False),
        (" <think> hm", False, True),
        ("hm</think>", True, False),
        ("<think> hm</think> so", False, False),
    ],
)
def test_a_thought_that_has_not_ended(text: str, opened: bool, within: bool) -> None:
    assert within_thought(text, opened=opened) == within


@given(contents)
def test_content_stays_as_it_is(text: str) -> None:
    assert plain_content(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<think>\na\n</think>\n\nb\n", "b"),
        ("a</think>b</think> c", "c"),
        (" no thought ", "no thought"),
        ("a\n</think>", "a"),
        ("<think>\nhm</think>a\n</think>\n</think>", "a"),
        ("<think>\nnever closed", "never closed"),
        ("<think>\n</think>", ""),
    ],
)
def test_what_is_said_after_the_thought(text: str, said: str) -> None:
    assert after_thought(text) == said
