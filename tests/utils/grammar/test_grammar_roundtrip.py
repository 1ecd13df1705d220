"""Properties that hold for every trajectory and for every text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.grammar import (
    PlanStream,
    contains_tag,
    parse,
    parse_plan_reply,
    planner_context,
    render,
    render_final_answer,
    render_plan,
    training_text,
    trajectory_calls,
    written_phases,
)
from sprint.utils.grammar.tags import find_tags
from sprint.utils.records import PlanSegment, Trajectory
from support.strategies import TRICKY, plans, soup, texts, trajectories


@given(trajectories, st.booleans())
@settings(max_examples=150, deadline=None)
def test_what_is_rendered_is_read_back(trajectory: Trajectory, think: bool) -> None:
    text = render(trajectory, think=think)
    assert parse(text) == trajectory
    assert render(parse(text), think=think) == text


@given(soup)
@settings(max_examples=300, deadline=None)
def test_whatever_is_read_can_be_rendered_and_read_again(text: str) -> None:
    trajectory = parse(text)
    assert parse(render(trajectory)) == trajectory


def _change_tags(text: str, change: Callable[[str], str]) -> str:
    changed, position = "", 0
    for tag in find_tags(text):
        changed += text[position : tag.start] + change(text[tag.start : tag.end])
        position = tag.end
    return changed + text[position:]


@given(trajectories, st.sampled_from([str.upper, str.lower, str.title]))
@settings(max_examples=60, deadline=None)
def test_case_of_tags_does_not_matter(trajectory: Trajectory, change: Callable[[str], str]) -> None:
    assert parse(_change_tags(render(trajectory), change)) == trajectory


@given(trajectories, st.sampled_from(["", "_7", "_7.7", " 7"]), st.booleans())
@settings(max_examples=60, deadline=None)
def test_numbers_of_tags_do_not_matter(trajectory: Trajectory, wrong: str, lower: bool) -> None:
    def change(tag: str) -> str:
        number = wrong if "." in tag else wrong.removesuffix(".7")
        tag = re.sub(r"_[0-9.]+>", f"{number}>", tag)
        return tag.lower() if lower else tag

    assert parse(_change_tags(render(trajectory), change)) == trajectory


@given(trajectories)
@settings(max_examples=15, deadline=None)
def test_a_truncation_gives_a_prefix_of_the_trajectory(trajectory: Trajectory) -> None:
    text = render(trajectory)
    whole = _flat(trajectory)
    for end in range(len(text)):
        part = parse(text[:end])
        assert len(part.phases) <= len(trajectory.phases)
        for key, value in _flat(part).items():
            assert whole[key].startswith(value)


def _flat(trajectory: Trajectory) -> dict[tuple[object, ...], str]:
    """All contents by place. A segment's text is at the place that it has in the plan."""
    flat: dict[tuple[object, ...], str] = {("question",): trajectory.question}
    if trajectory.final_answer is not None:
        flat["final",] = trajectory.final_answer
    for i, phase in enumerate(trajectory.phases):
        for j, segment in enumerate(phase.plan):
            flat[i, j, "text"] = segment.text
            if segment.prompt is not None:
                flat[i, j, "prompt"] = segment.prompt
        for k, execution in enumerate(phase.executions):
            flat[i, k, "execution"] = execution
    return flat


@given(trajectories, texts)
@settings(max_examples=60, deadline=None)
def test_contexts_and_completions_add_up_to_the_trajectory(
    trajectory: Trajectory, prompt_text: str
) -> None:
    whole = f"{prompt_text}\n\n{render(trajectory)}"
    assert "".join(training_text(prompt_text, trajectory)) == whole
    calls = trajectory_calls(prompt_text, trajectory)
    for call in calls:
        if call.role == "planner":
            assert whole.startswith(call.context + call.completion)
    if trajectory.final_answer is not None:
        context = planner_context(
            prompt_text, trajectory.question, written_phases(trajectory.phases)
        )
        assert context + render_final_answer(trajectory.final_answer) + "\n</think>" == whole
        assert calls[-1].context == context
    written = sum(1 + len(phase.prompts) for phase in trajectory.phases)
    assert len(calls) == written + (trajectory.final_answer is not None)


@given(plans(prompts=texts).filter(bool), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_a_rendered_plan_is_a_valid_reply(plan: tuple[PlanSegment, ...], phase: int) -> None:
    reply = parse_plan_reply(render_plan(plan, phase), phase)
    assert reply.closed
    assert reply == type(reply)(plan, closed=True)


@given(st.one_of(soup, plans(prompts=texts).map(lambda plan: render_plan(plan, 1))), st.data())
@settings(max_examples=200, deadline=None)
def test_the_stream_agrees_with_the_reply_however_it_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    stream = PlanStream(1)
    found = [
        closed
        for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)
        for closed in stream.feed(text[start:end])
    ]
    whole = PlanStream(1)
    assert found == whole.feed(text)
    assert stream.text == text
    assert [closed.number for closed in found] == list(range(1, len(found) + 1))
    for closed in found:
        assert text[: closed.end].endswith(">")
    try:
        reply = parse_plan_reply(text, 1)
    except FormatError:
        return
    prompts = getattr(reply, "prompts", ())
    assert tuple(closed.text for closed in found) == prompts


@pytest.mark.parametrize("piece", TRICKY)
def test_text_between_angle_brackets_is_content(piece: str) -> None:
    assert not contains_tag(piece)
