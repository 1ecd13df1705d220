"""Positions of a DAG's components and edges in its picture.

A small version of the layered layout of Sugiyama, Tagawa and Toda (1981): components are in rows,
an edge that crosses rows takes a place in each, rows are ordered to reduce crossings and then
shifted to straighten edges. All edges of a parent share a path, so many children take little room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from ..utils.records import ParentDict

SWEEPS = 12
"""Passes over all rows, alternately down and up; more change nothing in DAGs of 30 components."""
NARROW = 0.45
"""Room for an edge that passes a row, relative to 1 for a component."""


class Node(NamedTuple):
    """A component in its row, or the path of its edges through a later row."""

    component: int
    row: int
    passes: bool = False


@dataclass(frozen=True)
class PictureLayout:
    """`x` by node; `rows` by component; `ways` are the pieces of all edges, from row to row."""

    x: Mapping[Node, float]
    rows: Mapping[int, int]
    ways: Sequence[tuple[Node, Node]]


def rows_of(parents: ParentDict, phases: Mapping[int, int]) -> dict[int, int]:
    """The row of each component, from 0: by phase, and below its parents of the same phase."""
    levels: dict[int, tuple[int, int]] = {}
    for component in sorted(parents):
        phase = phases[component]
        inside = [levels[p][1] for p in parents[component] if phases[p] == phase]
        levels[component] = (phase, 1 + max(inside, default=0))
    order = {level: row for row, level in enumerate(sorted(set(levels.values())))}
    return {component: order[level] for component, level in levels.items()}


def without_detours(parents: ParentDict) -> dict[int, list[int]]:
    """Without the edges implied by others: those from a parent that another parent builds on."""
    ancestors: dict[int, int] = {}  # as sets of bits
    kept: dict[int, list[int]] = {}
    for child in sorted(parents):
        before = 0
        for parent in parents[child]:
            before |= ancestors[parent]
        kept[child] = [parent for parent in parents[child] if not before >> parent & 1]
        ancestors[child] = before | sum(1 << parent for parent in kept[child])
    return kept


def lay_out(parents: ParentDict, rows: Mapping[int, int]) -> PictureLayout:
    """Places for components in rows below their parents'."""
    nodes = {component: Node(component, rows[component]) for component in parents}
    ways: dict[tuple[Node, Node], None] = {}
    for child, listed in parents.items():
        for parent in listed:
            before = nodes[parent]
            for row in range(rows[parent] + 1, rows[child]):
                between = Node(parent, row, passes=True)
                ways[before, between] = None
                before = between
            ways[before, nodes[child]] = None
    neighbours: dict[Node, list[Node]] = {node: [] for node in nodes.values()}
    for above, below in ways:
        neighbours.setdefault(above, []).append(below)
        neighbours.setdefault(below, []).append(above)
    layers: list[list[Node]] = [[] for _ in range(1 + max(rows.values()))]
    for node in sorted(neighbours):
        layers[node.row].append(node)
    return PictureLayout(_shift(_order(layers, neighbours), neighbours), rows, list(ways))


def _order(layers: list[list[Node]], neighbours: Mapping[Node, Sequence[Node]]) -> list[list[Node]]:
    """Sort each row by the mean place of its neighbours in the row before (or after)."""
    for sweep in range(SWEEPS):
        step = 1 if sweep % 2 == 0 else -1
        for layer in layers[::step]:
            place = {
                node: number / max(1, len(other) - 1)
                for other in layers
                for number, node in enumerate(other)
            }

            layer[:] = _by_neighbours(layer, step, place, neighbours)
    return layers


def _by_neighbours(
    layer: Sequence[Node],
    step: int,
    place: Mapping[Node, float],
    neighbours: Mapping[Node, Sequence[Node]],
) -> list[Node]:
    """A row sorted by the mean place of the neighbours above (step 1) or below (step -1)."""

    def key(node: Node) -> tuple[float, float]:
        near = [place[it] for it in neighbours[node] if (node.row - it.row) * step > 0]
        return (sum(near) / len(near) if near else place[node], place[node])

    return sorted(layer, key=key)


def _shift(
    layers: Sequence[Sequence[Node]], neighbours: Mapping[Node, Sequence[Node]]
) -> dict[Node, float]:
    """Move each node towards the mean of its neighbours as far as order and room allow."""
    x = dict[Node, float]()
    for layer in layers:
        x |= dict(zip(layer, _spread(layer, [0.0] * len(layer)), strict=True))
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [
                sum(x[other] for other in neighbours[node]) / len(neighbours[node])
                if neighbours[node]
                else x[node]
                for node in layer
            ]
            x |= dict(zip(layer, _spread(layer, wanted), strict=True))
    return x


def _spread(layer: Sequence[Node], wanted: Sequence[float]) -> list[float]:
    """Ordered positions, far enough apart, with the least squared distance to the wanted ones.

    After subtracting the room before each node, they only have to ascend: isotonic regression by
    pooling neighbours that are out of order.
    """
    room = [0.0]
    for left, right in pairwise(layer):
        room.append(room[-1] + (_width(left) + _width(right)) / 2)
    pools = list[tuple[float, int]]()  # sum and count of the wanted places in a pool
    for place, before in zip(wanted, room, strict=True):
        pools.append((place - before, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (late, some), (early, others) = pools.pop(), pools.pop()
            pools.append((late + early, some + others))
    flat = [total / count for total, count in pools for _ in range(count)]
    return [place + before for place, before in zip(flat, room, strict=True)]


def _width(node: Node) -> float:
    return NARROW if node.passes else 1.0
