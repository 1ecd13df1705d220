"""Reads `x = 5`, `y = 2x + 1`, `-1 < x \\le 3`, `x \\in (1, 2)`, `n \\equiv 3 \\pmod 7`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from .answer_types import (
    AnswerValue,
    Braced,
    Named,
    Numeric,
    Plain,
    Quantity,
    Reals,
    Relation,
    Residue,
)
from .brackets import Lexemes, outer, split, texts
from .formula_reading import read_tree
from .lexing import Unreadable
from .names import name_of
from .real_sets import (
    ALL_REALS,
    Spans,
    above,
    as_reals,
    below,
    complement,
    intersection,
    points,
    union,
)
from .trees import (
    Letter,
    Operation,
    Rational,
    Tree,
    approximate,
    multiply,
    number,
    subtract,
    variables,
)

ReadTokens = Callable[[Lexemes], AnswerValue]
_EQUALITIES = ("=", "→", "≈")
_TURNED = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "≠": "≠"}
_SIGNS = (*_EQUALITIES, *_TURNED, "∈", "∉", "≡", "≢", "⇒")
_ROUNDED = 0.02
"""Sides of numbers may differ by this: `\\frac13 = 0.33` is 0.33."""


def read_relation(tokens: Lexemes, read: ReadTokens) -> AnswerValue | None:
    """The relation that the tokens are; None if they are none. Raises Unreadable."""
    sides, signs = split(tokens, _SIGNS)
    if not signs:
        return None
    if "⇒" in signs:  # what is implied counts
        places = [place for place in outer(tokens) if tokens[place].text == "⇒"]
        return read(tokens[places[-1] + 1 :])
    if not all(sides[1:]) or not (sides[0] or signs == ["="]):
        raise Unreadable("a side is missing")
    if signs in (["∈"], ["≡"]):
        return _read_member(sides, signs[0], read)
    if all(sign in _TURNED for sign in signs):
        return _read_order(sides, signs)
    if all(sign in _EQUALITIES for sign in signs):
        return _read_equalities(sides, signs, read) if sides[0] else read(sides[1])
    raise Unreadable("relations of different kinds")


def _read_member(sides: Sequence[Lexemes], sign: str, read: ReadTokens) -> AnswerValue:
    name, value = name_of(sides[0]), read(sides[1])
    if name is None or (sign == "≡") != isinstance(value, Residue):
        raise Unreadable("a relation of what is no name, or a congruence without its modulus")
    reals = as_reals(value)
    if reals is None or isinstance(value, Braced):
        return Named(name, value)
    return Reals(reals.spans, name)


def _read_equalities(
    sides: Sequence[Lexemes], signs: Sequence[str], read: ReadTokens
) -> AnswerValue:
    first, last = sides[0], sides[-1]
    name = name_of(first)
    if signs[-1] == "≈" and (len(sides) > 2 or name is None):
        # An approximation is a remark on the exact value before it.
        exact = _read_equalities(sides[:-1], signs[:-1], read) if len(sides) > 2 else read(first)
        _check_rounding(exact.value if isinstance(exact, Named) else exact, read(last))
        return exact
    if name is None and len(sides) == 2 and texts(last)[1:] == [] and name_of(last):
        first, name, sides = last, name_of(last), [last, first]
    values = [read(side) for side in sides[name is not None :]]
    constant = all(isinstance(one, Numeric) and not variables(one.tree) for one in values)
    if "→" in signs and not (name and constant):
        raise Unreadable("not understood: an arrow")
    if constant:
        for one, other in pairwise(values):
            _check_rounding(one, other)
        return _named(name, first, values[-1]) if name else values[-1]
    trees = [value.tree for value in values if isinstance(value, Plain)]
    if name is not None and (len(values) == 1 or len(trees) == len(values)):
        return _named(name, first, values[-1], tuple(trees[:-1]))
    if len(trees) != 2 or len(values) != 2:
        raise Unreadable("an equation of more than two sides")
    return Relation(subtract(*trees), "=")


def _named(
    name: str, written: Lexemes, value: AnswerValue, between: tuple[Tree, ...] = ()
) -> AnswerValue:
    try:
        tree: Tree | None = Letter(name) if "(" in name else read_tree(written)
    except Unreadable:
        tree = None
    return Named(name, value, tree, between)


def _check_rounding(one: AnswerValue, other: AnswerValue) -> None:
    """Raise Unreadable if two sides of an equality are different numbers: `5 = 6`."""
    amounts = [
        approximate(multiply(side.tree, number(side.measure.scale)))
        if isinstance(side, Quantity) and side.measure
        else approximate(side.tree)
        for side in (one, other)
        if isinstance(side, Numeric)
    ]
    known = [amount for amount in amounts if amount is not None]
    if len(known) == 2 and not math.isclose(*known, rel_tol=_ROUNDED):
        raise Unreadable("the sides of the equation differ")


def _read_order(sides: Sequence[Lexemes], signs: Sequence[str]) -> AnswerValue:
    trees = [read_tree(side) for side in sides]
    at = [place for place, tree in enumerate(trees) if isinstance(tree, Letter)]
    others = [tree for tree in trees if not isinstance(tree, Letter)]
    if len(at) == 1 and not any(map(variables, others)) and _is_between(at[0], len(trees)):
        spans = ALL_REALS
        for place, sign in enumerate(signs):
            first = place == at[0]
            bound = trees[place + 1] if first else trees[place]
            spans = intersection(spans, _half_line(sign if first else _TURNED[sign], bound))
        return Reals(spans, repr(trees[at[0]]))
    if len(trees) != 2:
        raise Unreadable("an inequality of more than two sides")
    left, right, sign = *trees, signs[0]
    if sign in (">", "≥"):
        left, right, sign = right, left, _TURNED[sign]
    difference = subtract(left, right)
    return _solved(difference, sign) or Relation(difference, sign)


def _is_between(place: int, sides: int) -> bool:
    """Of three sides the variable is in the middle."""
    return sides == 2 or (sides == 3 and place == 1)


def _half_line(sign: str, bound: Tree) -> Spans:
    """Where `variable sign bound` holds."""
    if sign == "≠":
        return complement(points(bound))
    return above(bound, sign == "≥") if sign in (">", "≥") else below(bound, sign == "≤")


def _solved(difference: Tree, sign: str) -> AnswerValue | None:
    """`difference sign 0` as a set of numbers, if it is linear in one variable."""
    factor, constant = number(1), number(0)
    match difference:
        case Operation(
            "add",
            (
                Rational() as constant,
                Operation("mul", (Rational() as factor, Letter() as letter)),
            ),
        ):
            pass
        case Operation("add", (Rational() as constant, Letter() as letter)):
            pass
        case Operation("mul", (Rational() as factor, Letter() as letter)):
            pass
        case _:
            return None
    if not factor.value:
        return None
    bound = number(-constant.value / Fraction(factor.value))
    return Reals(_half_line(sign if factor.value > 0 else _TURNED[sign], bound), letter.name)


def join_orders(items: Sequence[Reals], either: bool, *, strictly: bool = False) -> Reals:
    """Several inequalities for one variable: all hold, or (with `or`) one of them does.

    Those that cannot all hold are meant one by one, `x < 1, x > 3`; but `strictly` (`\\land`) all
    hold, even if nothing does.
    """
    both = ALL_REALS
    for item in items:
        both = intersection(both, item.spans)
    if either or not (both or strictly):
        both = union(span for item in items for span in item.spans)
    return Reals(both, items[0].name)
