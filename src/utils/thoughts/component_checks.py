"""Checks components against their thought: each line in exactly one part of one component."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from ..errors import FormatError
from ..grammar.tags import find_tags
from ..records import Component

MAX_REPAIRED_GAP = 3
"""Up to this many consecutive missing lines are added to the step before them."""
MAX_REPAIRED_SHARE = 0.15
"""The fraction of a thought's lines that may be repaired this way; more would be a guess. Of the
published answers of GPT-4o the worst omits 8 %."""


@dataclass(frozen=True)
class CheckedComponents:
    """Components that contain every line once, and how often each kind of repair was needed."""

    components: tuple[Component, ...]
    repairs: Mapping[str, int]


class _Parts(NamedTuple):
    plan: list[int]
    execution: list[int]
    comment: list[int]


def check_components(components: Sequence[Component], line_count: int) -> CheckedComponents:
    """Check that each of the lines 1..`line_count` is in exactly one part of one component.

    Repaired, because there is only one sensible reading, and counted under these names:
    `out_of_range` lines are dropped; `within_component`: a line named twice in a component stays
    in its execution, else in its plan (this gives the same rounds as the published data, which
    writes the line twice); `between_neighbours`: a line of two neighbours stays with the first;
    `empty_component` is dropped; `gap`: up to MAX_REPAIRED_GAP missing lines join the line before
    them, if there are few in total; `renumbered`: numbers count from 1 in order. Anything else
    raises FormatError with a message that can be sent to the model.
    """
    repairs = Counter[str]()
    parts = [_clip(component, line_count, repairs) for component in components]
    parts = _part_neighbours(parts, repairs)
    kept = [component for component in parts if component.lines]
    repairs["empty_component"] += len(parts) - len(kept)
    if not kept:
        raise FormatError(
            f"No component contains any of the lines 1-{line_count}: assign each line to one."
        )
    kept = _fill_gaps(kept, line_count, repairs)
    _check_order(kept)
    repairs["renumbered"] += sum(part.number != n for n, part in enumerate(kept, start=1))
    numbered = tuple(replace(part, number=number) for number, part in enumerate(kept, start=1))
    return CheckedComponents(numbered, {kind: n for kind, n in sorted(repairs.items()) if n})


def _clip(component: Component, line_count: int, repairs: Counter[str]) -> Component:
    """Assign each line of the component to one part, and drop lines that do not exist."""
    seen = set[int]()

    def clip(part: tuple[int, ...]) -> tuple[int, ...]:
        inside = [line for line in part if 1 <= line <= line_count]
        repairs["out_of_range"] += len(part) - len(inside)
        kept = tuple(sorted(line for line in inside if line not in seen))
        repairs["within_component"] += len(inside) - len(kept)
        seen.update(inside)
        return kept

    # The execution chooses first: the lines left in it decide the phase of other components.
    execution = clip(component.execution)
    return replace(
        component,
        plan=clip(component.plan),
        execution=execution,
        comment=clip(component.comment),
    )


def _part_neighbours(components: list[Component], repairs: Counter[str]) -> list[Component]:
    """Leave each line in the first component that contains it."""
    owners = dict[int, int]()
    result = list[Component]()
    for position, component in enumerate(components):
        shared = {line for line in component.lines if line in owners}
        far = [line for line in sorted(shared) if owners[line] != position - 1]
        if far or (shared and shared == set(component.lines)):
            line = far[0] if far else min(shared)
            other = components[owners[line]].number
            raise FormatError(
                f"Line {line} is in Component {other} and in Component {component.number}: "
                "assign it to one of them."
            )
        repairs["between_neighbours"] += len(shared)
        result.append(_without(component, shared))
        owners.update(dict.fromkeys(result[-1].lines, position))
    return result


def _without(component: Component, lines: set[int]) -> Component:
    return replace(
        component,
        plan=tuple(line for line in component.plan if line not in lines),
        execution=tuple(line for line in component.execution if line not in lines),
        comment=tuple(line for line in component.comment if line not in lines),
    )


def _fill_gaps(
    components: list[Component], line_count: int, repairs: Counter[str]
) -> list[Component]:
    """Add each missing line to the part with the line before it."""
    places = {
        line: (position, part)
        for position, component in enumerate(components)
        for part, lines in _named_parts(component)
        for line in lines
    }
    forgotten = [line for line in range(1, line_count + 1) if line not in places]
    place, gap = (0, "plan"), list[int]()
    for line in range(1, line_count + 1):
        if line in places:
            place, gap = places[line], []
            continue
        gap.append(line)
        if len(gap) > MAX_REPAIRED_GAP:
            last = next((n for n in range(line, line_count + 1) if n in places), line_count + 1) - 1
            raise FormatError(f"Lines {gap[0]}-{last} are in no component: assign each to one.")
        places[line] = place
    if len(forgotten) > max(MAX_REPAIRED_GAP, MAX_REPAIRED_SHARE * line_count):
        listed = ", ".join(map(str, forgotten[:20]))
        raise FormatError(
            f"{len(forgotten)} of {line_count} lines are in no component: {listed}"
            f"{', …' if len(forgotten) > 20 else ''}. Assign each line to one."
        )
    repairs["gap"] += len(forgotten)
    parts = [_Parts([], [], []) for _ in components]
    for line, (owner, part) in sorted(places.items()):
        getattr(parts[owner], part).append(line)
    return [
        replace(
            component,
            plan=tuple(lines.plan),
            execution=tuple(lines.execution),
            comment=tuple(lines.comment),
        )
        for component, lines in zip(components, parts, strict=True)
    ]


def _check_order(components: Sequence[Component]) -> None:
    """Raise FormatError unless steps and their parts are in the order of the thought."""
    for before, after in pairwise(components):
        if after.lines[0] < before.lines[0]:
            raise FormatError(
                f"Component {after.number} begins before Component {before.number}: "
                "number the components in the order of their lines."
            )
        if before.lines[-1] > after.lines[0]:
            raise FormatError(
                f"Component {before.number} contains line {before.lines[-1]}, which comes after "
                f"line {after.lines[0]} of Component {after.number}: give each component "
                "consecutive lines."
            )
    for component in components:
        name = f"Component {component.number}"
        if component.execution and not component.prompt:
            raise FormatError(f"{name} has an execution but no prompt: add the prompt.")
        if component.execution and (tag := next(find_tags(component.prompt), None)):
            raise FormatError(
                f"The prompt of {name} contains {component.prompt[tag.start : tag.end]}, which is "
                "reserved: write the prompt without it."
            )
        for (early, first), (late, second) in pairwise(_named_parts(component)):
            if first[-1] > second[0]:
                raise FormatError(
                    f"In {name}, line {first[-1]} is {early} but comes after line {second[0]}, "
                    f"which is {late}: put plan before execution, and execution before comment."
                )


def _named_parts(component: Component) -> list[tuple[str, tuple[int, ...]]]:
    named = [
        ("plan", component.plan),
        ("execution", component.execution),
        ("comment", component.comment),
    ]
    return [(name, lines) for name, lines in named if lines]
