"""The contexts and stop strings of planner and executor, shared by inference and training.

The text of a trajectory is the concatenation of these contexts and their completions, so a model
trained on one sees the other byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..errors import FormatError
from ..records import Phase, PlanSegment, Role, Trajectory
from .layout import BETWEEN, ending, opening
from .render import (
    render,
    render_final_answer,
    render_open_plan,
    render_phase,
    render_plan,
    render_question,
)
from .tags import TagKind, close_tag, ends_with_tag, open_tag

FORCED_FINAL_ANSWER = opening(TagKind.FINAL_ANSWER)
"""Forces the final answer in the last phase: append it to the planner's context."""


class TrainingText(NamedTuple):
    """A trajectory as one sequence: `prompt + completion`; the loss is on the completion."""

    prompt: str
    completion: str


class CallText(NamedTuple):
    """One call that inference would make: its context, and the completion that was written.

    `number` is the k of an executor's prompt, 0 for the planner.
    """

    role: Role
    phase: int
    number: int
    context: str
    completion: str


def planner_context(prompt_text: str, question: str, written: str = "") -> str:
    """What the planner continues: SPRINT prompt, question, and `written_phases(...)` so far."""
    return f"{_before_think(prompt_text, question)}{opening(TagKind.THINK)}{written}"


def request_context(instruction: str, question: str, material: str = "", *, think: bool) -> str:
    """A baseline's prompt: instruction, question, and other material for the reply.

    `think` opens the thought of a reasoning model, to request its completion; without `material`
    that is the planner's context.
    """
    asked = _before_think(instruction, question)
    if material:
        asked += f"{material}\n\n"
    return f"{asked}{opening(TagKind.THINK)}" if think else asked


def written_phases(phases: Sequence[Phase]) -> str:
    """The phases so far, each followed by a blank line: the planner continues with a new block."""
    return "".join(
        f"{render_phase(phase, number)}{BETWEEN}" for number, phase in enumerate(phases, 1)
    )


def executor_context(
    planner_context_text: str, plan_text_so_far: str, phase: int, prompt_number: int
) -> str:
    """What executor `prompt_number` of `phase` continues (`--executor_context prefix`).

    `plan_text_so_far` is the planner's reply, byte for byte, up to and including the closing tag of
    the executor's prompt (`stream.text[:closed.end]`); FormatError if it does not end with it.
    """
    closing = close_tag(TagKind.PROMPT, phase, prompt_number)
    if not ends_with_tag(plan_text_so_far, TagKind.PROMPT):
        raise FormatError(
            f"The plan text for executor {phase}.{prompt_number} should end with {closing}, but "
            f"ends with {plan_text_so_far[-40:]!r}: cut it right after the closing tag."
        )
    plan = f"{plan_text_so_far}{ending(TagKind.PLAN, phase)}"
    return f"{planner_context_text}{plan}{BETWEEN}{_open_execution(phase, prompt_number)}"


def published_executor_context(
    planner_context_text: str, segments: Sequence[PlanSegment], phase: int, prompt_number: int
) -> str:
    """What an executor continues in the published code (`--executor_context published`).

    It gives the complete plan and removes the prompt tags before the executor's own, but keeps
    their texts; its own is prompt_i.1, later ones follow from 2, and it requests execution_i.1.
    """
    end = _index_of_prompt(segments, phase, prompt_number)
    texts = [segment.text for segment in segments[: end + 1] if segment.text]
    own = PlanSegment("\n\n".join(texts), segments[end].prompt)
    plan = render_plan([own, *segments[end + 1 :]], phase)
    return f"{planner_context_text}{plan}{BETWEEN}{_open_execution(phase, 1)}"


def planner_stops(phase: int) -> tuple[str, ...]:
    """Stop strings of a planner call, at most 4: the ends, and what follows a missed end."""
    return (
        close_tag(TagKind.PLAN, phase),
        close_tag(TagKind.FINAL_ANSWER),
        open_tag(TagKind.EXECUTION_BLOCK, phase),
        open_tag(TagKind.PLAN, phase + 1),
    )


def executor_stops(phase: int, prompt_number: int) -> tuple[str, ...]:
    """Stop strings of an executor call, at most 4; published contexts ask for prompt_number 1."""
    return (
        close_tag(TagKind.EXECUTION, phase, prompt_number),
        close_tag(TagKind.EXECUTION_BLOCK, phase),
        open_tag(TagKind.EXECUTION, phase, prompt_number + 1),
        open_tag(TagKind.PLAN, phase + 1),
    )


def executor_completion(text: str, phase: int, prompt_number: int) -> str:
    """What an executor writes after its context: its result and the closing tag."""
    return f"{text}{ending(TagKind.EXECUTION, phase, prompt_number)}"


def training_text(prompt_text: str, trajectory: Trajectory) -> TrainingText:
    """A trajectory as one sequence: up to and without `<think>`, and from there on."""
    prompt = _before_think(prompt_text, trajectory.question)
    whole = f"{prompt_text}\n\n{render(trajectory)}"
    return TrainingText(prompt, whole[len(prompt) :])


def whole_answer(thought: str, solution: str) -> str:
    """An answer that holds its thought: of RFT, and of a trajectory without plans."""
    return f"{thought.strip()}{BETWEEN}{solution.strip()}"


def serial_text(prompt_text: str, question: str, thought: str, solution: str) -> TrainingText:
    """A serial answer (RFT): the context, then thought and solution in one piece."""
    completion = f"{whole_answer(thought, solution)}{ending(TagKind.THINK)}"
    return TrainingText(planner_context(prompt_text, question), completion)


def trajectory_calls(prompt_text: str, trajectory: Trajectory) -> tuple[CallText, ...]:
    """Every call that inference would have made to write `trajectory`, in the order of its text."""
    render(trajectory)  # raises if the trajectory cannot be written
    calls: list[CallText] = []
    for number, phase in enumerate(trajectory.phases, 1):
        context = planner_context(
            prompt_text, trajectory.question, written_phases(trajectory.phases[: number - 1])
        )
        calls.append(CallText("planner", number, 0, context, render_plan(phase.plan, number)))
        for order, execution in enumerate(phase.executions, 1):
            end = _index_of_prompt(phase.plan, number, order)
            plan = render_open_plan(phase.plan[: end + 1], number)
            calls.append(
                CallText(
                    "executor",
                    number,
                    order,
                    executor_context(context, plan, number, order),
                    executor_completion(execution, number, order),
                )
            )
    if trajectory.final_answer is not None:
        context = planner_context(
            prompt_text, trajectory.question, written_phases(trajectory.phases)
        )
        completion = render_final_answer(trajectory.final_answer)
        calls.append(CallText("planner", len(trajectory.phases) + 1, 0, context, completion))
    return tuple(calls)


def _before_think(prompt_text: str, question: str) -> str:
    return f"{prompt_text}\n\n{render_question(question)}\n\n"


def _open_execution(phase: int, number: int) -> str:
    return opening(TagKind.EXECUTION_BLOCK, phase) + opening(TagKind.EXECUTION, phase, number)


def _index_of_prompt(segments: Sequence[PlanSegment], phase: int, number: int) -> int:
    """The index of the segment that ends with prompt `number`."""
    indices = [index for index, segment in enumerate(segments) if segment.prompt is not None]
    if not 1 <= number <= len(indices):
        raise FormatError(
            f"Plan {phase} has {len(indices)} prompts, so there is no prompt {phase}.{number}."
        )
    return indices[number - 1]
