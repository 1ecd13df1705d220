"""What an answer may be: a small set of typed values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .lexing import Unreadable
from .trees import INFINITY, Tree, approximate, negative
from .units import Measure


@dataclass(frozen=True)
class Plain:
    """A number or an expression."""

    tree: Tree


@dataclass(frozen=True)
class Quantity:
    """A number or an expression with its unit, or with the name of what is counted.

    `composed`: of several units, `5 ft 6 in`, so that its number alone says nothing.
    """

    tree: Tree
    measure: Measure | None = None
    noun: str = ""
    composed: bool = False


@dataclass(frozen=True)
class Residue:
    """`7 \\pmod{10}`."""

    tree: Tree
    modulus: int


@dataclass(frozen=True)
class Based:
    """Digits in another base than ten: `4210_5`."""

    digits: str
    base: int


@dataclass(frozen=True)
class Choice:
    """A capital letter alone, as a choice or a name."""

    letter: str


@dataclass(frozen=True)
class Words:
    """A name or a few words, in lower case. `is_sentence`: nobody can tell what it says."""

    text: str
    is_sentence: bool = False


@dataclass(frozen=True)
class Clock:
    """A time of day, in minutes after midnight."""

    minutes: int


@dataclass(frozen=True)
class CalendarDay:
    """A date; 0 for a year that is not given."""

    year: int
    month: int
    day: int


@dataclass(frozen=True)
class Ratio:
    """`2:3:5`, up to a factor; `exact` ones may be a time of day and are not."""

    parts: tuple[Tree, ...]
    exact: bool = False


@dataclass(frozen=True)
class Listing:
    """Values side by side: in any order, except those of a sequence (`1, 2, …`)."""

    items: tuple[Value, ...]
    is_sequence: bool = False


@dataclass(frozen=True)
class Braced:
    """A set by its elements, each once; without any, the empty set."""

    items: tuple[Value, ...]


@dataclass(frozen=True)
class Bracketed:
    """A tuple, a vector or an interval; an interval has two items and may have mixed brackets."""

    opening: str
    items: tuple[Value, ...]
    closing: str


@dataclass(frozen=True)
class Grid:
    """A matrix, or a function by cases, by rows. `kind` tells matrices from determinants."""

    kind: str
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True)
class Span:
    """An interval of real numbers; a point is closed on both sides."""

    low: Tree
    high: Tree
    with_low: bool
    with_high: bool


@dataclass(frozen=True)
class Reals:
    """A set of real numbers, as disjoint intervals in their order. `name`: of the variable."""

    spans: tuple[Span, ...]
    name: str = ""


@dataclass(frozen=True)
class NamedSet:
    """`ℤ`, `ℕ^+`: a set that is known by its name alone."""

    name: str


@dataclass(frozen=True)
class Named:
    """`x = 5`, `f(x) = 2x`: a value and its name. `tree` is the name as an expression, if any."""

    name: str
    value: Value
    tree: Tree | None = None
    between: tuple[Tree, ...] = ()
    """Other forms of the value, `f(x) = (x+1)^2 = x^2+2x+1`."""


@dataclass(frozen=True)
class Relation:
    """An equation or inequality `difference sign 0`; the sign is one of `=<≤≠`."""

    difference: Tree
    sign: str


@dataclass(frozen=True)
class Ambiguous:
    """Two usual readings: `25 m` is a length and a product."""

    readings: tuple[Value, ...]


Value = (
    Plain
    | Quantity
    | Residue
    | Based
    | Choice
    | Words
    | Clock
    | CalendarDay
    | Ratio
    | Listing
    | Braced
    | Bracketed
    | Grid
    | Reals
    | NamedSet
    | Named
    | Relation
    | Ambiguous
)

ALL_REALS = (Span(negative(INFINITY), INFINITY, False, False),)
_EQUAL = 1e-12


def _place(tree: Tree) -> float:
    found = approximate(tree)
    if found is None:
        raise Unreadable("an end of an interval is no real number")
    return found


def _meet(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_EQUAL)


def union(*spans: Span) -> tuple[Span, ...]:
    """Disjoint intervals in their order. Raises Unreadable for ends that are no real constants."""
    placed = [(_place(one.low), _place(one.high), one) for one in spans]
    kept = [
        one
        for one in placed
        if (one[2].with_low and one[2].with_high if _meet(one[0], one[1]) else one[0] < one[1])
    ]
    kept.sort(key=lambda one: (one[0], not one[2].with_low))
    result = list[tuple[float, float, Span]]()
    for low, high, span in kept:
        if result:
            first, last, before = result[-1]
            touching = _meet(low, last) and (before.with_high or span.with_low)
            if touching or (low < last and not _meet(low, last)):
                with_low = before.with_low or (_meet(low, first) and span.with_low)
                if _meet(high, last):
                    joined = Span(
                        before.low, before.high, with_low, before.with_high or span.with_high
                    )
                elif high > last:
                    joined = Span(before.low, span.high, with_low, span.with_high)
                else:
                    joined = Span(before.low, before.high, with_low, before.with_high)
                result[-1] = (first, max(high, last), joined)
                continue
        result.append((low, high, span))
    return tuple(span for _, _, span in result)


def complement(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The real numbers outside of `spans`, which are disjoint and in order."""
    ends = [(negative(INFINITY), True), *((one.high, one.with_high) for one in spans)]
    starts = [*((one.low, one.with_low) for one in spans), (INFINITY, True)]
    gaps = [
        Span(low, high, not below, not above)
        for (low, below), (high, above) in zip(ends, starts, strict=True)
    ]
    return union(*gaps)


def intersection(one: tuple[Span, ...], other: tuple[Span, ...]) -> tuple[Span, ...]:
    return complement(union(*complement(one), *complement(other)))


def as_reals(value: Value) -> Reals | None:
    """A value as a set of real numbers; None if it is none."""
    try:
        match value:
            case Reals():
                return value
            case Bracketed(opening, (Plain(low), Plain(high)), closing) if (
                opening in "([" and closing in ")]"
            ):
                spans = union(Span(low, high, opening == "[", closing == "]"))
                return Reals(spans) if spans else None
            case Braced(items):
                trees = [item.tree for item in items if isinstance(item, Plain)]
                if len(trees) == len(items):
                    return Reals(union(*(Span(tree, tree, True, True) for tree in trees)))
    except Unreadable:
        pass
    return None
