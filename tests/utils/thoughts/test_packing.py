from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.errors import FormatError
from sprint.utils.thoughts.packing import assign_phases
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


def test_a_cycle_is_refused() -> None:
    with pytest.raises(FormatError, match="Component 1 depends on 2"):
        assign_phases({1: [2], 2: [1]}, set())
