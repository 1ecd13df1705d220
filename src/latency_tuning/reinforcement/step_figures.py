"""What a step of reinforcement shows: of its rollouts and of the update. Pure: without files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .rollouts import Rollout


@dataclass(frozen=True)
class UpdateFigures:
    """Of one update: the number of `tokens` with a weight; estimates over them, in nats a token, of
    the Kullback-Leibler divergence from the server to the trainer (`mismatch`) and from the trainer
    to the first model (`divergence`); the norm of the `gradient` before it is clipped.
    """

    tokens: int = 0
    mismatch: float = 0.0
    divergence: float = 0.0
    gradient: float = 0.0


@dataclass(frozen=True)
class StepFigures:
    """Of the rollouts of a step, as fractions and means over them; `seconds` by level.

    `faults`: the fraction with a fault; `serial`: of those in the grammar, the fraction without a
    plan; `width`: prompts per phase.
    """

    rollouts: int
    right: float
    faults: float
    serial: float
    reward: float
    phases: float
    width: float
    seconds: dict[str, float]
    update: UpdateFigures

    @classmethod
    def of(
        cls, rollouts: Sequence[Rollout], rewards: Sequence[float], update: UpdateFigures
    ) -> StepFigures:
        """Of at least one rollout."""
        timed = [one for one in rollouts if one.seconds is not None]
        levels = sorted({one.level for one in timed})
        phases = sum(one.phases for one in rollouts)
        return cls(
            rollouts=len(rollouts),
            right=fmean(one.right for one in rollouts),
            faults=fmean(one.faulty for one in rollouts),
            serial=fmean(not one.phases for one in timed) if timed else 0.0,
            reward=fmean(rewards),
            phases=phases / len(rollouts),
            width=sum(one.prompts for one in rollouts) / phases if phases else 0.0,
            seconds={
                level: fmean(one.seconds or 0.0 for one in timed if one.level == level)
                for level in levels
            },
            update=update,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        seconds = fmean(self.seconds.values()) if self.seconds else 0.0
        return (
            f"{self.right:.1%} right, {self.faults:.1%} with faults, {self.serial:.1%} serial, "
            f"{self.phases:.2f} phases of {self.width:.2f} prompts, priced path {seconds:.3f} s, "
            f"reward {self.reward:.3f}, mismatch {self.update.mismatch:.5f}, divergence "
            f"{self.update.divergence:.4f} nats a token"
        )
