"""Sequential tokens: how many tokens of a trajectory must be decoded one after another.

With P_i.k the tokens that the planner writes in phase i up to the end of prompt k, and E_i.k those
of execution k, phase i takes max over k of (P_i.k + E_i.k) sequential tokens, where k = last + 1
stands for the complete plan with E = 0 (arXiv 2506.05745). The final answer adds its own tokens.
The question and the tags of the grammar do not count; the texts between the tags do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import FormatError
from ..grammar import executor_completion, render_final_answer, render_open_plan, render_plan
from ..records import Phase, Trajectory

TokenCounter = Callable[[str], int]
"""The number of tokens of a text, without special tokens. It is not called for empty texts."""


class PhaseTokens(NamedTuple):
    """Tokens of a plan, and of each execution as (P, E): P are those of the plan before it."""

    plan: int
    executions: tuple[tuple[int, int], ...]

    @property
    def prompts(self) -> int:
        return len(self.executions)

    @property
    def sequential(self) -> int:
        """The critical path."""
        return max([self.plan, *map(sum, self.executions)])

    @property
    def total(self) -> int:
        return self.plan + sum(executed for _, executed in self.executions)


@dataclass(frozen=True)
class TrajectoryCount:
    """Tokens of a trajectory by phase, and of its final answer (0 without one)."""

    phases: tuple[PhaseTokens, ...]
    final_answer: int

    @property
    def prompts(self) -> int:
        return sum(phase.prompts for phase in self.phases)

    @property
    def sequential(self) -> int:
        return sum(phase.sequential for phase in self.phases) + self.final_answer

    @property
    def total(self) -> int:
        return sum(phase.total for phase in self.phases) + self.final_answer


def count_tokens(trajectory: Trajectory, count: TokenCounter) -> TrajectoryCount:
    """Count each text of the trajectory once.

    Raises FormatError if a phase does not have one execution for each prompt.
    """
    return TrajectoryCount(
        phases=tuple(
            count_phase(phase, number, count) for number, phase in enumerate(trajectory.phases, 1)
        ),
        final_answer=_count(trajectory.final_answer, count),
    )


def count_phase(phase: Phase, number: int, count: TokenCounter) -> PhaseTokens:
    """Count each text of phase `number` once.

    Raises FormatError if the phase does not have one execution for each prompt.
    """
    prompts = len(phase.prompts)
    if len(phase.executions) != prompts:
        raise FormatError(
            f"Phase {number} has {prompts} prompts but {len(phase.executions)} executions: "
            "give one execution for each prompt, in prompt order."
        )
    executions = iter(phase.executions)
    planned, executed = 0, list[tuple[int, int]]()
    for segment in phase.plan:
        planned += _count(segment.text, count)
        if segment.prompt is not None:
            planned += _count(segment.prompt, count)
            executed.append((planned, _count(next(executions), count)))
    return PhaseTokens(planned, tuple(executed))


def generated_sequential_tokens(trajectory: Trajectory, count: TokenCounter) -> int:
    """The same including the grammar tags, which are decoded too: everything a stream writes."""
    tokens = 0
    for number, phase in enumerate(trajectory.phases, 1):
        longest = count(render_plan(phase.plan, number))
        executions = iter(enumerate(phase.executions, 1))
        for end, segment in enumerate(phase.plan, 1):
            if segment.prompt is not None:
                order, execution = next(executions)
                planned = count(render_open_plan(phase.plan[:end], number))
                executed = count(executor_completion(execution, number, order))
                longest = max(longest, planned + executed)
        tokens += longest
    if trajectory.final_answer is not None:
        tokens += count(render_final_answer(trajectory.final_answer))
    return tokens


def _count(text: str | None, count: TokenCounter) -> int:
    return count(text) if text else 0
