"""Where components stand and edges run, whatever the DAG."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sprint.dag_creation.picture_layout import (
    Node,
    PictureLayout,
    lay_out,
    rows_of,
    without_detours,
)
from sprint.utils.thoughts.packing import assign_phases

Parents = dict[int, list[int]]


@st.composite
def dags(draw: st.DrawFn) -> tuple[Parents, set[int]]:
    """A DAG of up to 30 components, and which of them are plan-only."""
    parents: Parents = {1: []}
    for component in range(2, draw(st.integers(1, 30)) + 1):
        parents[component] = sorted(draw(st.sets(st.integers(1, component - 1), max_size=4)))
    return parents, draw(st.sets(st.sampled_from(sorted(parents))))


def made(
    parents: Parents, plan_only: set[int]
) -> tuple[dict[int, int], dict[int, int], PictureLayout]:
    phases = assign_phases(parents, plan_only)
    rows = rows_of(parents, phases)
    return phases, rows, lay_out(parents, rows)


@given(dags())
def test_rows_are_those_of_the_phases_and_below_the_parents(dag: tuple[Parents, set[int]]) -> None:
    parents, _ = dag
    phases, rows, _ = made(*dag)
    assert all(rows[parent] < rows[child] for child in parents for parent in parents[child])
    assert all(
        rows[one] < rows[other]
        for one in parents
        for other in parents
        if phases[one] < phases[other]
    )
    assert set(rows.values()) == set(range(max(rows.values()) + 1))


def ancestors(parents: Parents) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for child in sorted(parents):
        found[child] = set(parents[child]).union(*(found[parent] for parent in parents[child]))
    return found


@given(dags())
def test_no_more_edges_than_keep_the_ancestors(dag: tuple[Parents, set[int]]) -> None:
    parents, _ = dag
    kept = without_detours(parents)
    assert ancestors(kept) == ancestors(parents)
    for child, listed in kept.items():
        for parent in listed:
            less = kept | {child: [other for other in listed if other != parent]}
            assert ancestors(less) != ancestors(parents)


@given(dags())
def test_nothing_in_a_row_overlaps(dag: tuple[Parents, set[int]]) -> None:
    _, rows, layout = made(*dag)
    for row in set(rows.values()):
        inside = sorted((x, node.passes) for node, x in layout.x.items() if node.row == row)
        for (left, left_passes), (right, right_passes) in pairwise(inside):
            least = ((0.45 if left_passes else 1) + (0.45 if right_passes else 1)) / 2
            assert right - left >= least - 1e-6


@given(dags())
def test_every_edge_has_its_way_from_row_to_row(dag: tuple[Parents, set[int]]) -> None:
    parents, _ = dag
    _, rows, layout = made(*dag)
    ways = set(layout.ways)
    assert len(ways) == len(layout.ways)
    assert all(below.row == above.row + 1 for above, below in ways)
    for child, listed in parents.items():
        for parent in listed:
            between = [Node(parent, row, True) for row in range(rows[parent] + 1, rows[child])]
            way = [Node(parent, rows[parent]), *between, Node(child, rows[child])]
            assert set(pairwise(way)) <= ways


def test_a_lone_chain_is_straight() -> None:
    _, _, layout = made({1: [], 2: [1], 3: [2]}, set())
    assert len(set(layout.x.values())) == 1


def test_plan_only_components_stand_above_those_of_their_phase_that_need_them() -> None:
    phases, rows, _ = made({1: [], 2: [1], 3: [1], 4: [2]}, {1})
    assert phases == {1: 1, 2: 1, 3: 1, 4: 2}
    assert rows == {1: 0, 2: 1, 3: 1, 4: 2}
