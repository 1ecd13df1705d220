"""Packs components into phases (arXiv 2506.05745, section on data curation)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..errors import FormatError
from ..records import Component


def assign_phases(parents: dict[int, list[int]], plan_only: set[int]) -> dict[int, int]:
    """The phase, from 1, of each component (arXiv 2506.05745).

    A component is in the first phase whose plan can know everything it needs: phase 1 without
    parents, else the maximum over its parents of their phase, plus one for a parent with an
    execution, because an execution is known only in the next plan. Components in `plan_only` have
    no execution; later components of the same plan already know their text.

    Raises FormatError for a parent that is not a smaller component.
    """
    phases: dict[int, int] = {}
    for component in sorted(parents):
        for parent in parents[component]:
            if parent not in phases:
                raise FormatError(
                    f"Component {component} depends on {parent}: expected parents with smaller "
                    "numbers and their own entries. Check the DAG first."
                )
        phases[component] = max(
            (phases[parent] + (parent not in plan_only) for parent in parents[component]),
            default=1,
        )
    return phases


def merge_short_executions(
    components: Iterable[Component], min_execution_lines: int
) -> list[Component]:
    """The components; those with an execution of fewer lines become plan-only.

    A plan-only component has all its lines in the plan: for such a short execution, a call costs
    more than it saves.
    """
    return [
        component
        if component.execution and len(component.execution) >= min_execution_lines
        else _in_plan(component)
        for component in components
    ]


def _in_plan(component: Component) -> Component:
    return replace(component, plan=component.lines, execution=(), comment=())


@dataclass(frozen=True)
class Packing:
    """The components of a trajectory, and the phase of each."""

    components: list[Component]
    phases: dict[int, int]


def pack_components(
    components: Iterable[Component], parents: dict[int, list[int]], min_execution_lines: int
) -> Packing:
    """Merge short executions into their plans, then assign phases.

    Both the trajectories of stage 3 and the pictures of stage 2 use these phases. Pictures are
    drawn in stage 2, which knows when a DAG is new and its picture outdated.
    """
    return _packed(merge_short_executions(components, min_execution_lines), parents)


def inline_lone_executions(packing: Packing, parents: dict[int, list[int]]) -> Packing:
    """Merge each execution that is the only one of its phase into its plan, and pack again.

    Such an execution runs beside nothing, and costs calls. What depends on it moves one phase
    forward, so that all phases with an execution have several afterwards.
    """
    executions = Counter(
        packing.phases[component.number] for component in packing.components if component.execution
    )
    components = [
        _in_plan(component)
        if component.execution and executions[packing.phases[component.number]] == 1
        else component
        for component in packing.components
    ]
    return _packed(components, parents)


def _packed(components: list[Component], parents: dict[int, list[int]]) -> Packing:
    plan_only = {component.number for component in components if not component.execution}
    return Packing(components, assign_phases(parents, plan_only))
