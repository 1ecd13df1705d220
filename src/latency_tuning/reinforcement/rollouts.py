"""Rollouts: the samples of a result folder with the tokens of their calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...utils.errors import FormatError, InputError
from ...utils.grammar import parse_finished
from ...utils.records import CallTokens
from ...utils.results.calls import calls_by_problem, iterate_calls
from ...utils.results.recorded_tokens import read_tokens
from ..graded_rows import graded_rows
from ..sample_ids import problem_of
from ..trajectory_price import SecondsOf
from .rewards import RolloutOutcome


@dataclass(frozen=True)
class RolloutCall:
    """The tokens of a call, and whether its text counted."""

    tokens: CallTokens
    kept: bool

    @property
    def is_complete(self) -> bool:
        """Whether each token that it generated has an id and a log-probability. A call that was
        discarded may have ended before its first.
        """
        known = len(self.tokens.ids) == len(self.tokens.logprobs)
        return known and bool(self.tokens.ids or not self.kept)


@dataclass(frozen=True)
class Rollout:
    """A sample of a problem. `seconds`: its priced path, None if it is not in the grammar.

    `faulty`: marked with a fault, with a discarded attempt, not in the grammar, or without some of
    its tokens. `phases` with `prompts` prompts in all; a serial answer has none.
    """

    problem: str
    level: str
    right: bool
    faulty: bool
    seconds: float | None
    phases: int
    prompts: int
    calls: tuple[RolloutCall, ...]

    @property
    def outcome(self) -> RolloutOutcome:
        """For its reward."""
        return RolloutOutcome(self.right and not self.faulty, self.seconds or 0.0)


def read_rollouts(
    folder: Path, price: SecondsOf, *, needs_tokens: bool = True
) -> Iterator[Rollout]:
    """InputError if the folder has no results, or no tokens of a problem if it needs them."""
    calls = calls_by_problem(iterate_calls(folder))
    for name, row, is_right in graded_rows(folder):
        mine = calls.get(name, ())
        # A problem that could not be asked has no calls.
        is_needed = needs_tokens and bool(mine)
        tokens = read_tokens(folder, name) if is_needed else [CallTokens()] * len(mine)
        if tokens is None or len(tokens) != len(mine):
            raise InputError(
                f"{folder} has no tokens of the calls of {name}: solve with --record_tokens."
            )
        try:
            trajectory = parse_finished(
                row.get("PlannerTrajectory", ""), row["Question"]
            ).trajectory
        except FormatError:
            trajectory = None
        discarded = not all(call.kept for call in mine)
        phases = trajectory.phases if trajectory else ()
        taken = tuple(RolloutCall(one, call.kept) for one, call in zip(tokens, mine, strict=True))
        incomplete = needs_tokens and not all(call.is_complete for call in taken)
        yield Rollout(
            problem=problem_of(name),
            level=row.get("Level", ""),
            right=is_right,
            faulty=bool(row.get("Faults")) or discarded or incomplete or trajectory is None,
            seconds=price(trajectory) if trajectory else None,
            phases=len(phases),
            prompts=sum(len(phase.prompts) for phase in phases),
            calls=taken,
        )
