"""One row: from a thought, its components and its DAG to a trajectory, or to a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..utils.curation.files import Separated
from ..utils.curation.inline import component_text
from ..utils.curation.lines import split_lines
from ..utils.errors import FormatError
from ..utils.grading import extract_final_answer
from ..utils.grammar import render, serial_text, training_text
from ..utils.records import Problem, Thought
from .filters import CountTokens, Limits, Reason, parallelization_ratio, why_dropped, why_too_long
from .packing import assign_phases, merge_short_executions
from .trajectory import build_trajectory, comments_left_out


@dataclass(frozen=True)
class Curation:
    """How rows are curated. `tokens` counts those of a text; None where lengths are not limited."""

    limits: Limits
    min_execution_lines: int
    sprint_prompt: str
    serial_prompt: str
    tokens: CountTokens | None = None


@dataclass(frozen=True)
class Curated:
    """A row of the fine-tuning data, and what the report says of it."""

    thought: Thought
    trajectory: str
    components: int
    phases: int
    mended: Mapping[str, int]

    @property
    def ratio(self) -> float:
        return parallelization_ratio(self.components, self.phases)

    def row(self) -> dict[str, str | int]:
        """The columns: SPRINT trains on `trajectory`, RFT on `thought` and then `solution`.

        `solution` is the final answer of the trajectory: the two differ in structure alone.
        """
        problem = self.thought.problem
        return {
            "id": problem.id,
            "index": problem.index,
            "level": problem.level,
            "subject": problem.subject,
            "question": problem.question,
            "answer": problem.answer,
            "solution": closing_statement(problem),
            "thought": self.thought.text,
            "trajectory": self.trajectory,
        }


def predicted_answer(thought: Thought) -> str | None:
    """What the reasoning ended on: the last box of the thought, else that of the solution."""
    return extract_final_answer(thought.text) or extract_final_answer(thought.problem.solution)


def closing_statement(problem: Problem) -> str:
    r"""The final answer of a trajectory: the sentence of the solution with its last `\boxed{…}`."""
    sentences = split_lines(problem.solution)
    boxed = next((s for s in reversed(sentences) if extract_final_answer(s)), None)
    return boxed.strip() if boxed else f"The answer is $\\boxed{{{problem.answer}}}$."


def curate(
    thought: Thought,
    separated: Separated,
    parents: dict[int, list[int]],
    is_correct: bool,
    curation: Curation,
) -> Curated | Reason:
    """Pack a thought into a trajectory and pass it through the filters."""
    components = merge_short_executions(separated.components, curation.min_execution_lines)
    merged = sum(
        bool(before.execution) and not after.execution
        for before, after in zip(separated.components, components, strict=True)
    )
    plan_only = {component.number for component in components if not component.execution}
    phases = assign_phases(parents, plan_only)
    texts = [component_text(component, separated.lines) for component in components]
    problem = thought.problem
    trajectory = build_trajectory(
        problem.question, texts, parents, phases, closing_statement(problem)
    )
    if reason := why_dropped(trajectory, len(components), is_correct, curation.limits):
        return reason
    try:
        text = render(trajectory, think=False)
    except FormatError:
        return Reason.TAGS
    whole = "".join(training_text(curation.sprint_prompt, trajectory))
    serial = "".join(
        serial_text(
            curation.serial_prompt, problem.question, thought.text, closing_statement(problem)
        )
    )
    if reason := why_too_long(whole, serial, curation.limits, curation.tokens):
        return reason
    mended = {"merged_execution": merged, "dropped_comment": comments_left_out(texts, phases)}
    return Curated(thought, text, len(components), len(trajectory.phases), mended)
