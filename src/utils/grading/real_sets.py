"""Sets of real numbers as intervals: unions, complements and intersections."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from .answer_types import AnswerValue, Braced, Bracketed, Plain, Reals, Span
from .lexing import Unreadable
from .trees import INFINITY, Tree, approximate, negative

Spans = tuple[Span, ...]
ALL_REALS: Spans = (Span(negative(INFINITY), INFINITY, False, False),)
_EQUAL = 1e-12


def points(*trees: Tree) -> Spans:
    return union(Span(tree, tree, True, True) for tree in trees)


def above(low: Tree, closed: bool) -> Spans:
    return union([Span(low, INFINITY, closed, False)])


def below(high: Tree, closed: bool) -> Spans:
    return union([Span(negative(INFINITY), high, False, closed)])


def union(spans: Iterable[Span]) -> Spans:
    """Disjoint intervals in their order. Raises Unreadable for ends that are no real constants."""
    result = list[Span]()
    for span in sorted(filter(_is_filled, spans), key=lambda one: (_at(one.low), not one.with_low)):
        last = result[-1] if result else None
        if last is None or not _touch(last, span):
            result.append(span)
            continue
        if _meet(last.low, span.low):
            last = replace(last, with_low=last.with_low or span.with_low)
        if _meet(last.high, span.high):
            last = replace(last, with_high=last.with_high or span.with_high)
        elif _at(last.high) < _at(span.high):
            last = replace(last, high=span.high, with_high=span.with_high)
        result[-1] = last
    return tuple(result)


def complement(spans: Spans) -> Spans:
    """The real numbers outside of `spans`, which are disjoint and in order."""
    ends = [(negative(INFINITY), True), *((one.high, one.with_high) for one in spans)]
    starts = [*((one.low, one.with_low) for one in spans), (INFINITY, True)]
    gaps = zip(ends, starts, strict=True)
    return union(Span(low, high, not one, not other) for (low, one), (high, other) in gaps)


def intersection(one: Spans, other: Spans) -> Spans:
    return complement(union((*complement(one), *complement(other))))


def as_reals(value: AnswerValue) -> Reals | None:
    """A value as a set of real numbers; None if it is none."""
    try:
        match value:
            case Reals():
                return value
            case Bracketed(("()" | "(]" | "[)" | "[]") as ends, (Plain(low), Plain(high))):
                spans = union([Span(low, high, ends[0] == "[", ends[1] == "]")])
                return Reals(spans) if spans else None
            case Braced(items):
                trees = [item.tree for item in items if isinstance(item, Plain)]
                return Reals(points(*trees)) if len(trees) == len(items) else None
    except Unreadable:
        pass
    return None


def _at(tree: Tree) -> float:
    found = approximate(tree)
    if found is None:
        raise Unreadable("an end of an interval is no real number")
    return found


def _meet(one: Tree, other: Tree) -> bool:
    return math.isclose(_at(one), _at(other), rel_tol=_EQUAL)


def _is_filled(span: Span) -> bool:
    if _meet(span.low, span.high):
        return span.with_low and span.with_high
    return _at(span.low) < _at(span.high)


def _touch(span: Span, following: Span) -> bool:
    if _meet(following.low, span.high):
        return span.with_high or following.with_low
    return _at(following.low) < _at(span.high)
