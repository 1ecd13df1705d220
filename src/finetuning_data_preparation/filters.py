"""Which trajectories are worth training on, and why the others are not."""

from __future__ import annotations

from enum import StrEnum

from ..utils.grammar import Malformation
from ..utils.records import Trajectory
from .config import Limits


class Reason(StrEnum):
    """Why a row was dropped; the value is its name in the report."""

    NO_COMPONENTS = "no_components"
    """Component separation has not written the row."""
    NO_DAG = "no_dag"
    """DAG creation has not written the row."""
    STALE_DAG = "dag_of_other_components"
    """The DAG was made from components that have changed since: run DAG creation again."""
    UNREADABLE = "unreadable"
    """Files of earlier stages are damaged, or do not belong together."""
    ANOTHER_THOUGHT = "components_of_another_thought"
    """The dataset has changed since component separation."""
    TAGS = "text_holds_tags"
    """The thought contains tags of the trajectory grammar."""
    WRONG_ANSWER = "final_answer_not_correct"
    """Of the thought, or of the solution that both models are trained to end on."""
    SERIAL = "parallelization_ratio_too_low"
    PHASES = "too_many_phases"
    PROMPTS = "too_many_prompts_in_a_plan"
    TRAJECTORY_LENGTH = "trajectory_too_long"
    THOUGHT_LENGTH = "thought_too_long"
    NO_PLAN = Malformation.NO_PLAN.value
    NO_QUESTION = Malformation.NO_QUESTION.value
    NO_FINAL_ANSWER = Malformation.NO_ANSWER.value
    EMPTY_WORK = Malformation.EMPTY.value
    MALFORMED_TAGS = Malformation.TAGS.value
    SEVERAL = Malformation.SEVERAL.value
    TEXT_OUTSIDE = Malformation.OUTSIDE.value
    """The malformations of finished trajectories."""
    REPEATED = "repeated_trajectory"
    """An earlier row has the same question, finished trajectory and reference answer."""


def parallelization_ratio(component_count: int, phase_count: int) -> float:
    """Components per phase: 1 if everything is serial."""
    return component_count / phase_count


def why_dropped(
    trajectory: Trajectory, component_count: int | None, is_correct: bool, limits: Limits
) -> Reason | None:
    """The first reason to drop a trajectory, except its length; None if there is none.

    Without a `component_count`, the parallelization ratio is unknown and not a reason.
    """
    phases = len(trajectory.phases)
    if not is_correct:
        return Reason.WRONG_ANSWER
    ratio = parallelization_ratio(component_count, phases) if component_count else None
    if ratio is not None and ratio < limits.parallelization_threshold:
        return Reason.SERIAL
    if phases > limits.max_phases - 1:
        return Reason.PHASES
    if any(len(phase.prompts) > limits.max_prompts for phase in trajectory.phases):
        return Reason.PROMPTS
    return None


def why_too_long(trajectory: int, serial: int, limits: Limits) -> Reason | None:
    """Whether either text has too many tokens for training: both models learn from the same
    rows.
    """
    if limits.max_length is None:
        return None
    if trajectory > limits.max_length:
        return Reason.TRAJECTORY_LENGTH
    if serial > limits.max_length:
        return Reason.THOUGHT_LENGTH
    return None
