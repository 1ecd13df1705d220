"""How far two annotations of one thought agree: boundaries, edges, phases. No files, no models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from sprint.utils.grammar.lines import split_lines
from sprint.utils.thoughts.inline import ComponentText
from sprint.utils.thoughts.packing import assign_phases

Edge = tuple[int, int]
MATCH = 0.5
"""Two components match if they share at least this fraction of the lines in either."""


@dataclass(frozen=True)
class Score:
    """Counts of a comparison; scores of several thoughts add up."""

    hits: int = 0
    found: int = 0
    expected: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.hits + other.hits, self.found + other.found, self.expected + other.expected
        )

    @property
    def f1(self) -> float | None:
        """None if there is nothing to find and nothing was found."""
        total = self.found + self.expected
        return 2 * self.hits / total if total else None

    def __str__(self) -> str:
        shown = "   -" if self.f1 is None else f"{self.f1:.2f}"
        return f"{shown}  ({self.hits} right, {self.found} found, {self.expected} expected)"


@dataclass(frozen=True)
class Annotated:
    """A thought's lines, the lines of each component (from 1), its texts, and the DAG."""

    lines: Sequence[str]
    spans: Mapping[int, range]
    texts: Sequence[ComponentText]
    parents: dict[int, list[int]]

    @property
    def phases(self) -> dict[int, int]:
        return assign_phases(self.parents, {t.number for t in self.texts if not t.execution})

    @property
    def boundaries(self) -> list[int]:
        """The lines where components begin, except the first, which always begins at line 1."""
        return [span.start for span in self.spans.values()][1:]


def rebuild(texts: Sequence[ComponentText], separator: str) -> tuple[list[str], dict[int, range]]:
    """The thought's lines, and the lines of each component, from inline components.

    Inline components do not record the white space between two parts: `separator` is inserted.
    If their comments are missing, so are those of the thought. A component without text has no
    lines.
    """
    thought, starts = "", dict[int, int]()
    for text in texts:
        for part in _distinct(text):
            starts.setdefault(text.number, len(thought))
            thought += part + separator
    lines, position, first = split_lines(thought), 0, dict[int, int]()
    for number, line in enumerate(lines, start=1):
        position += len(line)
        first |= {
            name: number for name, start in starts.items() if name not in first and start < position
        }
    edges = pairwise([*first.values(), len(lines) + 1])
    return lines, {name: range(*edge) for name, edge in zip(first, edges, strict=True)}


def _distinct(text: ComponentText) -> list[str]:
    """The parts of a component; models often list the same lines as plan and as execution."""
    plan, execution = text.plan, text.execution
    if execution and plan.endswith(execution):
        execution = ""
    elif plan and execution.startswith(plan):
        plan = ""
    return [part for part in (plan, execution, text.comment) if part]


def boundary_score(found: Iterable[int], expected: Iterable[int], tolerance: int) -> Score:
    """Boundaries matched one to one, in order, at most `tolerance` lines apart."""
    ours, theirs = sorted(found), sorted(expected)
    hits = i = j = 0
    while i < len(ours) and j < len(theirs):
        if abs(ours[i] - theirs[j]) <= tolerance:
            hits, i, j = hits + 1, i + 1, j + 1
        elif ours[i] < theirs[j]:
            i += 1
        else:
            j += 1
    return Score(hits, len(ours), len(theirs))


def match(found: Mapping[int, range], expected: Mapping[int, range]) -> dict[int, int]:
    """Expected component -> found component, one to one, the most similar first."""

    def share(one: range, two: range) -> float:
        common = len(set(one) & set(two))
        return common / (len(one) + len(two) - common) if common else 0.0

    pairs = sorted(
        ((share(a, b), m, n) for m, a in found.items() for n, b in expected.items()), reverse=True
    )
    matched = dict[int, int]()
    for alike, ours, theirs in pairs:
        if alike >= MATCH and theirs not in matched and ours not in matched.values():
            matched[theirs] = ours
    return matched


def edge_score(
    found: Mapping[int, list[int]], expected: Mapping[int, list[int]], matched: Mapping[int, int]
) -> Score:
    """Edges between components that match."""
    ours = edges(found, {ours: theirs for theirs, ours in matched.items()})
    theirs = edges(expected, {theirs: theirs for theirs in matched})
    return Score(len(ours & theirs), len(ours), len(theirs))


def edges(parents: Mapping[int, list[int]], names: Mapping[int, int]) -> set[Edge]:
    """The edges between components that `names` renames."""
    return {
        (names[parent], names[child])
        for child, listed in parents.items()
        for parent in listed
        if parent in names and child in names
    }


def order_score(
    found: Mapping[int, int], expected: Mapping[int, int], matched: Mapping[int, int]
) -> Score:
    """The pairs of matched components whose phases are in the same order."""

    def order(phases: Mapping[int, int], one: int, two: int) -> int:
        return (phases[one] > phases[two]) - (phases[one] < phases[two])

    pairs = list(combinations(matched, 2))
    hits = sum(
        order(expected, one, two) == order(found, matched[one], matched[two]) for one, two in pairs
    )
    return Score(hits, len(pairs), len(pairs))
