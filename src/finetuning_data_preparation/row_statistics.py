"""The shape of a row: its lines, its DAG and its phases, as the report counts them.

How often each value occurs is a `Distribution`: bounded in memory, and mergeable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any

from ..utils.files.json_file import counts
from ..utils.records import Component, ParentDict
from .filters import parallelization_ratio


@dataclass(frozen=True)
class RowStatistics:
    """The report's values for a row that could be packed, kept or not.

    `depth` is the number of components in the longest chain of dependencies; `width` is the most
    components with equally long chains before them, which no dependency orders.
    """

    components: int
    depth: int
    width: int
    phases: int

    @property
    def ratio(self) -> float:
        """The parallelization ratio: components per phase, 1 if everything is serial."""
        return parallelization_ratio(self.components, self.phases)


@dataclass(frozen=True)
class PhaseStatistics:
    """The report's values for a finished trajectory, whose components are not known."""

    phases: int


def shape_of(parents: ParentDict, phases: Mapping[int, int]) -> RowStatistics:
    """The shape of a DAG with at least one component."""
    levels: dict[int, int] = {}
    for component in sorted(parents):
        levels[component] = 1 + max((levels[parent] for parent in parents[component]), default=0)
    return RowStatistics(
        components=len(parents),
        depth=max(levels.values()),
        width=max(Counter(levels.values()).values()),
        phases=max(phases.values()),
    )


def count_lines(components: Sequence[Component], repairs: Mapping[str, int]) -> dict[str, int]:
    """The lines of a thought by the part they are in, before anything is merged.

    `named` are those that the annotator assigned itself; the others were a repaired gap.
    """
    plan = sum(len(component.plan) for component in components)
    execution = sum(len(component.execution) for component in components)
    comment = sum(len(component.comment) for component in components)
    total = plan + execution + comment
    return {
        "total": total,
        "named": total - repairs.get("gap", 0),
        "plan": plan,
        "execution": execution,
        "comment": comment,
    }


DECIMALS = 3


@dataclass
class Distribution:
    """Counts of values; a value is rounded to DECIMALS places."""

    counts: Counter[float] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        self.counts[round(value, DECIMALS)] += 1

    def merge(self, other: Distribution) -> None:
        self.counts.update(other.counts)

    @property
    def mean(self) -> float:
        """0 without values. The same to the last bit for any order of the values."""
        total = self.counts.total()
        return fsum(value * n for value, n in self.counts.items()) / total if total else 0.0

    @property
    def median(self) -> float:
        """The lower one of two; 0 without values."""
        seen, half = 0, (self.counts.total() + 1) // 2
        for value, count in sorted(self.counts.items()):
            seen += count
            if seen >= half:
                return value
        return 0.0

    def as_json(self) -> dict[str, Any]:
        """Mean, median, extremes, and the counts from the smallest value on."""
        values = sorted(self.counts)
        return {
            "mean": round(self.mean, DECIMALS),
            "min": values[0] if values else 0,
            "median": self.median,
            "max": values[-1] if values else 0,
            "counts": {f"{value:.10g}": self.counts[value] for value in values},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Distribution:
        """Raises ValueError, LookupError or TypeError for anything that `as_json` did not write."""
        read = Counter({float(value): n for value, n in counts(content["counts"]).items()})
        if not all(map(isfinite, read)):
            raise ValueError("expected finite values")
        return cls(read)
