from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.records import Component
from sprint.utils.thoughts.packing import Packing, assign_phases, inline_lone_executions
from support.dags import dags


@pytest.mark.parametrize(
    ("plan_only", "phases"),
    [
        (set(), {1: 1, 2: 2, 3: 2, 4: 3, 5: 1}),
        ({1}, {1: 1, 2: 1, 3: 1, 4: 2, 5: 1}),
        ({2}, {1: 1, 2: 2, 3: 2, 4: 3, 5: 1}),
        ({1, 2, 3, 4, 5}, {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}),
    ],
)
def test_phases(plan_only: set[int], phases: dict[int, int]) -> None:
    assert assign_phases({1: [], 2: [1], 3: [1], 4: [2, 3], 5: []}, plan_only) == phases


@settings(max_examples=100)
@given(dags, st.data())
def test_phases_are_the_earliest_possible(
    parents: dict[int, list[int]], data: st.DataObject
) -> None:
    plan_only = data.draw(st.sets(st.sampled_from(sorted(parents))))
    phases = assign_phases(parents, plan_only)
    for component, listed in parents.items():
        earliest = [phases[p] + (0 if p in plan_only else 1) for p in listed]
        assert phases[component] == max(earliest, default=1)
    assert sorted(set(phases.values())) == list(range(1, max(phases.values()) + 1))


def component(number: int, plan_only: bool) -> Component:
    """Of three lines, with or without an execution of two."""
    first = 3 * number
    if plan_only:
        return Component(number, "", (first, first + 1, first + 2), "", (), ())
    return Component(number, "", (first,), "Do.", (first + 1, first + 2), ())


@settings(max_examples=100)
@given(dags, st.data())
def test_no_execution_is_alone_after_inlining(
    parents: dict[int, list[int]], data: st.DataObject
) -> None:
    """Phases with one execution join the next one; all others stay as they are."""
    plan_only = data.draw(st.sets(st.sampled_from(sorted(parents))))
    components = [component(number, number in plan_only) for number in parents]
    before = Packing(components, assign_phases(parents, plan_only))
    after = inline_lone_executions(before, parents)
    assert 1 not in executions(after).values()
    wide = [found for _, found in sorted(executions(before).items()) if found > 1]
    assert [found for _, found in sorted(executions(after).items())] == wide
    assert [one.lines for one in after.components] == [one.lines for one in components]


def executions(packing: Packing) -> Counter[int]:
    """How many executions each phase has."""
    return Counter(packing.phases[one.number] for one in packing.components if one.execution)


def test_a_cycle_is_refused() -> None:
    with pytest.raises(FormatError, match="Component 1 depends on 2"):
        assign_phases({1: [2], 2: [1]}, set())
