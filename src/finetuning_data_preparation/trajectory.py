"""Turns components, DAG and phases into a trajectory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..utils.grammar import SEPARATOR
from ..utils.records import ParentDict, Phase, PlanSegment, Trajectory
from ..utils.thoughts.inline import ComponentText
from ..utils.tokens.counting import TokenCounter, count_phase
from .prompt_order import with_longest_first


def build_trajectory(
    question: str,
    components: Sequence[ComponentText],
    parents: ParentDict,
    phases: Mapping[int, int],
    final_answer: str,
    longest_first: TokenCounter | None = None,
) -> Trajectory:
    """Write the components' plans into their phases' plans, in the order of the thought.

    With a counter of tokens, plans have the longest work first (`prompt_order.py`), if that makes
    their phase shorter in sequential tokens. Prompts and executions are numbered as written.

    A component without execution is plan-only, and its prompt is dropped. In a plan,

    - `-----` separates components that were not adjacent in the thought;
    - `Based on execution_1.1, execution_1.3:` precedes a component and names its parents'
      executions, unless the component just before it names the same ones;
    - `Observation about execution_1.2: …` at the start of a plan gives the comment on an execution
      of the previous phase. Comments of the last phase have no plan to go in and are dropped.
    """
    labels: dict[int, str] = {}
    places = {component.number: component.number for component in components}
    built = list[Phase]()
    observations = list[str]()
    for number in range(1, max(phases.values(), default=0) + 1):
        original = [component for component in components if phases[component.number] == number]
        bases = {
            component.number: [
                labels[parent]
                for parent in sorted(parents[component.number], key=places.__getitem__)
                if parent in labels
            ]
            for component in original
        }
        members, phase = original, _write(original, bases, observations)
        if longest_first is not None:
            sooner = with_longest_first(original, parents, longest_first)
            other = _write(sooner, bases, observations)
            paths = [count_phase(one, number, longest_first).sequential for one in (phase, other)]
            if paths[1] < paths[0]:
                members, phase = sooner, other
        # As if each stood in the thought where the one stood whose place it takes in the plan.
        places |= {new.number: old.number for new, old in zip(members, original, strict=True)}
        executed = [component for component in members if component.execution]
        for order, component in enumerate(executed, start=1):
            labels[component.number] = f"execution_{number}.{order}"
        observations = [
            f"Observation about {labels[component.number]}: {component.comment}"
            for component in executed
            if component.comment
        ]
        built.append(phase)
    return Trajectory(question.strip(), tuple(built), final_answer.strip())


def _write(
    members: Sequence[ComponentText], bases: Mapping[int, list[str]], observations: Sequence[str]
) -> Phase:
    plan = _Plan(["\n\n".join(observations)] if observations else [])
    for component in members:
        plan.add(component, bases[component.number])
    executions = tuple(component.execution for component in members if component.execution)
    return Phase(plan.finish(), executions)


def comments_left_out(components: Sequence[ComponentText], phases: Mapping[int, int]) -> int:
    """The number of comments without a plan, because their execution is in the last phase."""
    last = max(phases.values(), default=0)
    return sum(
        bool(component.execution and component.comment) and phases[component.number] == last
        for component in components
    )


@dataclass
class _Plan:
    """A plan under construction: finished segments, and the pieces of the open one."""

    pieces: list[str]
    segments: list[PlanSegment] = field(default_factory=list)
    previous: int | None = None
    basis: list[str] = field(default_factory=list)

    def add(self, component: ComponentText, basis: list[str]) -> None:
        if self.previous is not None and component.number != self.previous + 1:
            self.pieces.append(SEPARATOR)
        heading = f"Based on {', '.join(basis)}:" if basis and basis != self.basis else ""
        text = "\n".join(part for part in (heading, component.plan) if part)
        if text:
            self.pieces.append(text)
        if component.execution:
            self.segments.append(PlanSegment("\n\n".join(self.pieces), component.prompt))
            self.pieces = []
        self.previous, self.basis = component.number, basis

    def finish(self) -> tuple[PlanSegment, ...]:
        rest = [PlanSegment("\n\n".join(self.pieces))] if self.pieces else []
        return (*self.segments, *rest)
