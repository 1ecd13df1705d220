"""Renders trajectories: the strict half of the grammar."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import FormatError
from ..records import Phase, PlanSegment, Trajectory
from .layout import BETWEEN, ending, opening
from .tags import NO_PROMPT, TagKind, contains_tag, find_tags


def render(trajectory: Trajectory, *, think: bool = True) -> str:
    """The text of a trajectory, without a line break at its end.

    `think=False` is the form of training data on disk, which has no `<think>` lines.
    Raises FormatError if the text could not be parsed back into the same trajectory.
    """
    blocks = [render_phase(phase, number) for number, phase in enumerate(trajectory.phases, 1)]
    if trajectory.final_answer is not None:
        blocks.append(render_final_answer(trajectory.final_answer))
    question = render_question(trajectory.question)
    if not think:
        return BETWEEN.join([question, *blocks])
    thought = f"{opening(TagKind.THINK)}{BETWEEN.join(blocks)}{ending(TagKind.THINK)}"
    return f"{question}{BETWEEN}{thought}"


def render_question(question: str) -> str:
    """The question block."""
    return _block(TagKind.QUESTION, question, "question")


def render_phase(phase: Phase, number: int) -> str:
    """Plan block, blank line, execution block; `number` counts phases from 1."""
    prompts = len(phase.prompts)
    if len(phase.executions) != prompts:
        raise FormatError(
            f"Phase {number} has {prompts} prompts but {len(phase.executions)} executions: "
            "give one execution for each prompt, in prompt order."
        )
    plan = render_plan(phase.plan, number)
    return f"{plan}{BETWEEN}{render_executions(phase.executions, number)}"


def render_plan(segments: Sequence[PlanSegment], number: int) -> str:
    """The plan block of phase `number`; its prompts are numbered from 1."""
    return f"{render_open_plan(segments, number)}{ending(TagKind.PLAN, number)}"


def render_open_plan(segments: Sequence[PlanSegment], number: int) -> str:
    """An open plan block with these segments: a prefix of the block of the complete plan."""
    pieces: list[str] = []
    order = 0
    for index, segment in enumerate(segments, 1):
        what = f"text of segment {index} of plan {number}"
        if segment.text:
            pieces.append(_content(segment.text, what))
        if segment.prompt is not None:
            order += 1
            prompt = _content(segment.prompt, f"prompt {number}.{order}")
            place = TagKind.PROMPT, number, order
            pieces.append(f"{opening(*place)}{prompt}{ending(*place)}")
        elif index < len(segments) or not segment.text:
            raise FormatError(
                f"The {what} has no prompt: only the last segment of a plan may have none, and it "
                "must have text then. Join the text to the next segment's, or drop it."
            )
    return opening(TagKind.PLAN, number) + BETWEEN.join(pieces)


def render_executions(executions: Sequence[str], number: int) -> str:
    """The execution block of phase `number`; without executions it says that there is no prompt."""
    body = BETWEEN.join(
        _block(TagKind.EXECUTION, text, f"execution {number}.{order}", number, order)
        for order, text in enumerate(executions, 1)
    )
    block = TagKind.EXECUTION_BLOCK, number
    return f"{opening(*block)}{body or NO_PROMPT}{ending(*block)}"


def render_final_answer(text: str) -> str:
    """The block of the final answer."""
    return _block(TagKind.FINAL_ANSWER, text, "final answer")


def _block(
    kind: TagKind, text: str, what: str, phase: int | None = None, number: int | None = None
) -> str:
    """Content between its tags; empty content leaves an empty line."""
    body = _content(text, what)
    return f"{opening(kind, phase, number)}{body}{ending(kind, phase, number)}"


def _content(text: str, what: str) -> str:
    if text != text.strip():
        raise FormatError(
            f"The {what} has white space at its ends, which the trajectory text cannot keep: "
            f"strip it first. It reads {text[:80]!r}."
        )
    if contains_tag(text):
        tag = next(find_tags(text))
        raise FormatError(
            f"The {what} contains {text[tag.start : tag.end]!r}, a tag of the trajectory grammar, "
            "and could not be read back: remove the tag or reject the text."
        )
    return text
