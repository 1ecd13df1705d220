"""The shape of a row: its lines, its DAG and its phases, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..utils.records import Component, ParentDict
from .filters import parallelization_ratio


@dataclass(frozen=True)
class Shape:
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


def shape_of(parents: ParentDict, phases: Mapping[int, int]) -> Shape:
    """The shape of a DAG with at least one component."""
    levels: dict[int, int] = {}
    for component in sorted(parents):
        levels[component] = 1 + max((levels[parent] for parent in parents[component]), default=0)
    return Shape(
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
