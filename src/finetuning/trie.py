"""The calls of a trajectory with their shared prefixes stored once: the presentation `trie`.

The same samples as `per_call`, laid out as a tree of tokens: what several contexts begin with, or
what one call has written and a later one reads, is there once. A token sees its ancestors alone,
and stands at the position that it has in its own call, so loss and gradients are those of
`per_call`; only the work is less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .presentations import IGNORED, Sample


@dataclass(frozen=True)
class TrieSample:
    """Tokens in depth-first order; all lists have one entry a token.

    `positions`: how many ancestors a token has. `ends`: the place after its last descendant, so
    token q sees token k where k <= q < ends[k]. `next_labels`: the token that is learned to follow,
    or IGNORED.
    """

    ids: list[int]
    positions: list[int]
    ends: list[int]
    next_labels: list[int]


@dataclass
class _Node:
    """A token and what follows it. `next_label` is what one of the samples learns to follow."""

    token: int
    children: dict[int, _Node] = field(default_factory=dict)
    others: list[_Node] = field(default_factory=list)
    """Beginnings of samples that share nothing."""
    next_label: int = IGNORED


def build_trie(samples: Sequence[Sample]) -> TrieSample:
    """Lay `samples` out so that equal beginnings are there once.

    A node learns one next token at most. Where a sample would teach a second time what may follow
    a node, it shares nothing: that does not happen among the calls of one trajectory, whose
    contexts all differ.
    """
    root = _Node(IGNORED)
    for sample in samples:
        if not sample.ids:
            continue
        path = _existing_path(root, sample)
        learned = range(max(1, sample.context_length), len(sample.ids))
        if any(node.next_label != IGNORED for node in path[learned.start : learned.stop]):
            path = [root, _Node(sample.ids[0])]
            root.others.append(path[1])
        for token in sample.ids[len(path) - 1 :]:
            node = _Node(token)
            path[-1].children[token] = node
            path.append(node)
        for place in learned:
            path[place].next_label = sample.ids[place]
    return _lay_out(root)


def _existing_path(root: _Node, sample: Sample) -> list[_Node]:
    """The root, and the nodes that hold the beginning of `sample` already.

    The node before the first token that is learned stands at the index `context_length`.
    """
    path = [root]
    for token in sample.ids:
        node = path[-1].children.get(token)
        if node is None:
            break
        path.append(node)
    return path


def _lay_out(root: _Node) -> TrieSample:
    trie = TrieSample([], [], [], [])
    beginnings = [*root.children.values(), *root.others]
    # A node is met twice: before its descendants (`place` is None) and after them.
    todo: list[tuple[_Node, int, int | None]] = [(node, 0, None) for node in reversed(beginnings)]
    while todo:
        node, position, place = todo.pop()
        if place is not None:
            trie.ends[place] = len(trie.ids)
            continue
        todo.append((node, position, len(trie.ids)))
        todo.extend((child, position + 1, None) for child in reversed(node.children.values()))
        trie.ids.append(node.token)
        trie.positions.append(position)
        trie.ends.append(0)
        trie.next_labels.append(node.next_label)
    return trie
