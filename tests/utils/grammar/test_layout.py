"""The white space that belongs to a tag: with it, tags and contents make up the text."""

from __future__ import annotations

from hypothesis import given
from sprint.utils.grammar import render, trajectory_calls
from sprint.utils.grammar.layout import spaced_tags
from sprint.utils.grammar.tags import contains_tag
from sprint.utils.records import Trajectory
from support.scripts import TRAJECTORY
from support.strategies import trajectories


def test_a_closing_tag_ends_at_its_bracket_and_an_opening_one_after_its_space() -> None:
    found = set(spaced_tags(render(TRAJECTORY)))
    assert {"<Plan_1>\n", "\n</Plan_1>", "\n\n<prompt_1.2> ", " </prompt_1.2>"} <= found
    assert {"<execution_1.1>\n", "\n</execution_1.1>", "<Final_answer>\n"} <= found
    assert all(tag.endswith((">\n", "> ")) or tag[-1] == ">" for tag in found)
    assert all(tag[-1] == ">" for tag in found if "</" in tag)


@given(trajectories)
def test_each_one_stands_in_the_text(trajectory: Trajectory) -> None:
    """In order, and without overlap."""
    rest = render(trajectory)
    for tag in spaced_tags(rest):
        before, found, rest = rest.partition(tag)
        assert found
        assert not contains_tag(before)
    assert not contains_tag(rest)


@given(trajectories)
def test_none_spans_a_context_and_its_completion(trajectory: Trajectory) -> None:
    """Both are tokenized separately."""
    for call in trajectory_calls("Solve.", trajectory):
        apart = [*spaced_tags(call.context), *spaced_tags(call.completion)]
        assert apart == list(spaced_tags(call.context + call.completion))
        for text in (call.context, call.completion):
            for tag in spaced_tags(text):
                assert tag in text
