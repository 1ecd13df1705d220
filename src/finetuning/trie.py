"""The calls of a trajectory with their shared prefixes stored once: the presentation `trie`.

The same samples as `per_call`, laid out as a tree of tokens: a prefix that several contexts share,
or text that one call writes and a later one reads, is stored once. A token sees only its ancestors
and keeps the position that it has in its own call, so loss and gradients are those of `per_call`
with less computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from .presentations import IGNORED, Sample


@dataclass(frozen=True)
class TrieSample:
    """Tokens in depth-first order, the longest continuation first; a list has an entry per token.

    `positions`: the number of ancestors of a token. `ends`: the place after its last descendant, so
    token q sees token k if k <= q < ends[k]. `next_labels`: the next token to learn, or IGNORED.
    `teachers`: the number of the sample that it is of, -1 for none.
    """

    ids: list[int]
    positions: list[int]
    ends: list[int]
    next_labels: list[int]
    teachers: list[int]


@dataclass
class _Node:
    """A token and what follows it. `next_label` is the next token to learn, if any, and `teacher`
    the number of its sample.
    """

    token: int
    children: dict[int, _Node] = field(default_factory=dict)
    others: list[_Node] = field(default_factory=list)
    """Prefixes of samples that share nothing."""
    next_label: int = IGNORED
    teacher: int = -1
    height: int = 0
    """Tokens of the longest continuation."""


def build_trie(samples: Sequence[Sample]) -> TrieSample:
    """Lay out `samples` so that equal prefixes are stored once.

    A node learns at most one next token. A sample that would teach a node a second one shares
    nothing; that does not happen among the calls of one trajectory, whose contexts all differ.
    """
    root, nodes = _Node(IGNORED), list[_Node]()
    for number, sample in enumerate(samples):
        if not sample.ids:
            continue
        path = _existing_path(root, sample)
        learned = range(max(1, sample.context_length), len(sample.ids))
        if any(node.next_label != IGNORED for node in path[learned.start : learned.stop]):
            path = [root, _Node(sample.ids[0])]
            root.others.append(path[1])
            nodes.append(path[1])
        for token in sample.ids[len(path) - 1 :]:
            node = _Node(token)
            path[-1].children[token] = node
            path.append(node)
            nodes.append(node)
        for place in learned:
            path[place].next_label, path[place].teacher = sample.ids[place], number
    for node in reversed(nodes):  # a node is made before its children
        node.height = 1 + max((child.height for child in node.children.values()), default=-1)
    return _lay_out(root)


def _existing_path(root: _Node, sample: Sample) -> list[_Node]:
    """The root, and the existing nodes that contain a prefix of `sample`.

    The node before the first learned token has the index `context_length`.
    """
    path = [root]
    for token in sample.ids:
        node = path[-1].children.get(token)
        if node is None:
            break
        path.append(node)
    return path


def _lay_out(root: _Node) -> TrieSample:
    """The longest path comes first and whole, because attention within one chain is the fastest."""
    trie = TrieSample([], [], [], [], [])
    beginnings = [*root.children.values(), *root.others]
    # Each node is visited twice: before its descendants (`place` is None) and after them.
    todo: list[tuple[_Node, int, int | None]] = [(node, 0, None) for node in reversed(beginnings)]
    while todo:
        node, position, place = todo.pop()
        if place is not None:
            trie.ends[place] = len(trie.ids)
            continue
        todo.append((node, position, len(trie.ids)))
        children = sorted(node.children.values(), key=attrgetter("height"))
        todo.extend((child, position + 1, None) for child in children)
        trie.ids.append(node.token)
        trie.positions.append(position)
        trie.ends.append(0)
        trie.next_labels.append(node.next_label)
        trie.teachers.append(node.teacher)
    return trie
