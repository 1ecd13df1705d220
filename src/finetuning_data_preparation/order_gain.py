"""What the longest work first gains: sequential tokens in both orders of the prompts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Self

from ..utils.tokens.counting import TrajectoryCount


@dataclass(frozen=True)
class OrderTokens:
    """Sequential tokens of the same texts, in the order of the thought and longest work first."""

    original: int = 0
    longest_first: int = 0

    @property
    def gain(self) -> float | None:
        """The fraction of the sequential tokens that longest work first saves; None of none."""
        return 1 - self.longest_first / self.original if self.original else None

    def as_json(self) -> dict[str, Any]:
        return {
            "original": self.original,
            "longest_first": self.longest_first,
            "gain": None if self.gain is None else round(self.gain, 6),
        }


@dataclass(frozen=True)
class OrderGain:
    """Of complete trajectories, and of their phases with several prompts."""

    whole: OrderTokens = OrderTokens()
    several: OrderTokens = OrderTokens()
    phases: int = 0
    """The number of phases with several prompts: in others, there is only one order."""

    def counts(self) -> Counter[str]:
        """For adding up."""
        return Counter(
            original=self.whole.original,
            longest_first=self.whole.longest_first,
            original_of_several=self.several.original,
            longest_first_of_several=self.several.longest_first,
            phases_of_several=self.phases,
        )

    @classmethod
    def of(cls, counts: Counter[str]) -> Self:
        """The inverse of `counts`."""
        return cls(
            OrderTokens(counts["original"], counts["longest_first"]),
            OrderTokens(counts["original_of_several"], counts["longest_first_of_several"]),
            counts["phases_of_several"],
        )

    def as_json(self) -> dict[str, Any]:
        """A part of curation_report.json."""
        several = {"phases": self.phases} | self.several.as_json()
        return self.whole.as_json() | {"phases_with_several_prompts": several}


def gain_of(original: TrajectoryCount, longest_first: TrajectoryCount) -> OrderGain:
    """From one trajectory in both orders."""
    phases = zip(original.phases, longest_first.phases, strict=True)
    several = [(phase.sequential, other.sequential) for phase, other in phases if phase.prompts > 1]
    return OrderGain(
        OrderTokens(original.sequential, longest_first.sequential),
        OrderTokens(sum(one for one, _ in several), sum(other for _, other in several)),
        len(several),
    )
