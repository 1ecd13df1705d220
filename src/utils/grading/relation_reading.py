"""Reads `x = 5`, `y = 2x + 1`, `-1 < x \\le 3`, `x \\in (1, 2)`, `n \\equiv 3 \\pmod 7`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from .brackets import Lexemes, outer, split
from .formula_reading import read_tree
from .letters import is_function
from .lexing import Unreadable
from .trees import (
    INFINITY,
    Operation,
    Rational,
    Tree,
    Variable,
    approximate,
    negative,
    number,
    subtract,
    variables,
)
from .values import (
    ALL_REALS,
    Braced,
    Named,
    Plain,
    Quantity,
    Reals,
    Relation,
    Residue,
    Span,
    Value,
    as_reals,
    complement,
    intersection,
    union,
)

Read = Callable[[Lexemes], Value]
_EQUALITIES = ("=", "→", "≈")
_ORDERS = ("<", ">", "≤", "≥", "≠")
_SIGNS = (*_EQUALITIES, *_ORDERS, "∈", "∉", "≡", "≢", "⇒")
_UNKNOWN = frozenset("xyt")
_COORDINATES = frozenset("xyz")
_ROUNDED = 0.02
"""Sides of numbers may differ by this: `\\frac13 = 0.33` is 0.33."""


def read_relation(tokens: Lexemes, read: Read) -> Value | None:
    """The relation that the tokens are; None if they are none. Raises Unreadable."""
    sides, signs = split(tokens, _SIGNS)
    if not signs:
        return None
    if "⇒" in signs:
        last = len(signs) - signs[::-1].index("⇒")
        behind = len(tokens) - sum(map(len, sides[last:])) - (len(sides) - last - 1)
        return read(tokens[behind:])
    if "≡" in signs:
        return _read_congruence(sides, signs, read)
    if signs == ["∈"]:
        name = name_of(sides[0])
        if name is None:
            raise Unreadable("what is in the set?")
        value = read(sides[1])
        reals = as_reals(value)
        if reals is None or isinstance(value, Braced):
            return Named(name, value)
        return Reals(reals.spans, name)
    if all(sign in _ORDERS for sign in signs):
        return _read_order(sides, signs)
    if all(sign in _EQUALITIES for sign in signs):
        return _read_equalities(sides, signs, read)
    raise Unreadable("relations of different kinds")


def _read_congruence(sides: Sequence[Lexemes], signs: Sequence[str], read: Read) -> Value:
    value = read(sides[-1])
    if signs != ["≡"] or not isinstance(value, Residue) or name_of(sides[0]) is None:
        raise Unreadable("a congruence without its modulus")
    return Named(name_of(sides[0]) or "", value)


def _read_equalities(sides: Sequence[Lexemes], signs: Sequence[str], read: Read) -> Value:
    first, last = sides[0], sides[-1]
    if not first:
        if len(sides) == 2 and last:
            return read(last)
        raise Unreadable("a side is missing")
    if not all(sides):
        raise Unreadable("a side is missing")
    name = name_of(first)
    if signs[-1] == "≈" and (len(sides) > 2 or name is None):
        # An approximation is a remark on the exact value before it.
        exact = _read_equalities(sides[:-1], signs[:-1], read) if len(sides) > 2 else read(first)
        _check_rounding(exact, read(last))
        return exact
    if name is not None:
        return _named(name, first, sides[1:], read, arrow="→" in signs)
    if len(sides) == 2 and (name := name_of(last)) is not None and _is_letter(last):
        return _named(name, last, sides[:1], read, arrow="→" in signs)
    if "→" in signs:
        raise Unreadable("not understood: an arrow")
    values = [read(side) for side in sides]
    if all(_is_constant(value) for value in values):
        for one, other in pairwise(values):
            _check_rounding(one, other)
        return values[-1]
    trees = [value.tree for value in values if isinstance(value, Plain)]
    if len(trees) != 2 or len(values) != 2:
        raise Unreadable("an equation of more than two sides")
    return Relation(subtract(*trees), "=")


def _named(
    name: str, written: Lexemes, sides: Sequence[Lexemes], read: Read, *, arrow: bool
) -> Value:
    try:
        tree: Tree | None = Variable(name) if "(" in name else read_tree(written)
    except Unreadable:
        tree = None
    *between, value = [read(side) for side in sides]
    if arrow and not _is_constant(value):
        raise Unreadable("not understood: an arrow")
    middle = list[Tree]()
    for one in between:
        if _is_constant(one) and _is_constant(value):
            _check_rounding(one, value)
        elif isinstance(one, Plain) and isinstance(value, Plain):
            middle.append(one.tree)
        else:
            raise Unreadable("an equation of more than two sides")
    return Named(name, value, tree, tuple(middle))


def _is_constant(value: Value) -> bool:
    return isinstance(value, Plain | Quantity) and not variables(value.tree)


def _check_rounding(one: Value, other: Value) -> None:
    """Raise Unreadable if two sides of an equality are different numbers: `5 = 6`."""
    if isinstance(one, Named):
        one = one.value
    if isinstance(one, Plain | Quantity) and isinstance(other, Plain | Quantity):
        if isinstance(one, Quantity) or isinstance(other, Quantity):
            scales = [side.measure for side in (one, other) if isinstance(side, Quantity)]
            if len(scales) != 2 or None in scales:
                return
            first, second = (approximate(side.tree) for side in (one, other))
            if first is None or second is None:
                return
            first, second = (
                value * float(scale.scale)
                for value, scale in zip((first, second), scales, strict=True)
                if scale
            )
        else:
            first, second = approximate(one.tree), approximate(other.tree)
        if first is not None and second is not None:
            if not math.isclose(first, second, rel_tol=_ROUNDED):
                raise Unreadable("the sides of the equation differ")


def _read_order(sides: Sequence[Lexemes], signs: Sequence[str]) -> Value:
    trees = [read_tree(side) if side else None for side in sides]
    present = [tree for tree in trees if tree is not None]
    if len(present) < len(trees):
        raise Unreadable("what is compared?")
    unknown = [tree for tree in present if isinstance(tree, Variable)]
    others = [tree for tree in present if not isinstance(tree, Variable)]
    if len(unknown) == 1 and not any(map(variables, others)) and len(present) <= 3:
        name = unknown[0].name
        spans = ALL_REALS
        for place, sign in enumerate(signs):
            spans = intersection(spans, _half_line(present[place], sign, present[place + 1]))
        if len(present) == 3 and present[1] is not unknown[0]:
            raise Unreadable("the variable is at an end")
        return Reals(spans, name)
    if len(present) != 2:
        raise Unreadable("an inequality of more than two sides")
    left, right = present
    sign = signs[0]
    if sign in (">", "≥"):
        left, right, sign = right, left, {">": "<", "≥": "≤"}[sign]
    difference = subtract(left, right)
    solved = _solved(difference, sign)
    return Relation(difference, sign) if solved is None else solved


def _solved(difference: Tree, sign: str) -> Value | None:
    """A linear inequality for one variable as its set of numbers."""
    terms = difference.arguments if isinstance(difference, Operation) else ()
    if not (terms and isinstance(terms[0], Rational) and len(terms) == 2):
        return None
    assert isinstance(difference, Operation)
    factor, letter = terms if difference.name == "mul" else (number(1), terms[1])
    constant = terms[0].value if difference.name == "add" else Fraction(0)
    if isinstance(letter, Operation) and letter.name == "mul" and len(letter.arguments) == 2:
        factor, letter = letter.arguments
    if not (isinstance(factor, Rational) and isinstance(letter, Variable) and factor.value):
        return None
    if factor.value < 0:
        sign = {"<": ">", "≤": "≥"}.get(sign, sign)
    return Reals(_half_line(letter, sign, number(-constant / factor.value)), letter.name)


def _half_line(left: Tree, sign: str, right: Tree) -> tuple[Span, ...]:
    if isinstance(left, Variable):
        sign = {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}.get(sign, sign)
        left, right = right, left
    # Now `left sign variable`.
    match sign:
        case "<" | "≤":
            return union(Span(left, INFINITY, sign == "≤", False))
        case ">" | "≥":
            return union(Span(negative(INFINITY), left, False, sign == "≥"))
    return complement(union(Span(left, left, True, True)))


def join_orders(items: Sequence[Reals], either: bool) -> Reals:
    """Several inequalities for one variable: all hold, or (with `or`) one of them does.

    Those that cannot all hold are meant one by one: `x < 1, x > 3`.
    """
    name = items[0].name
    both = items[0].spans
    for item in items[1:]:
        both = intersection(both, item.spans)
    if both and not either:
        return Reals(both, name)
    return Reals(union(*(span for item in items for span in item.spans)), name)


def _is_letter(tokens: Lexemes) -> bool:
    return len(tokens) == 1 and tokens[0].kind == "word"


def name_of(tokens: Lexemes) -> str | None:
    """The left side of an equation as a name: `x`, `f(1)`, `\\angle ABC`, `a + b`, `P(X = 2)`.

    None for an equation's side that says something of its unknown: `2x`, `x + y`, `\\sqrt{x}`.
    """
    if not tokens or tokens[0].text in ("+", "-"):
        return None
    letters, operators = set[str](), False
    outside = set(outer(tokens))
    behind_index = False
    for place, one in enumerate(tokens):
        if one.text == "_":
            behind_index = True
            continue
        if one.kind == "number" and not behind_index and place in outside:
            return None
        if one.text == "^" and not _is_inverse_or_prime(tokens, place):
            return None
        if one.text in ("±", "∓", "∪", "…", "!", "%", "°", "∞") and place in outside:
            return None
        if one.kind == "word" and place in outside and not is_function(one.text):
            letters.update(one.text if len(one.text) < 4 else (one.text,))
        operators |= one.text in ("+", "-") and place in outside
        behind_index = False
    inner = [one.text for one in tokens if one.kind == "word"]
    if not inner or len(letters & _COORDINATES) > (0 if operators else 1):
        return None
    if not any(one.kind == "word" and not is_function(one.text) for one in tokens):
        return None
    if not letters and _is_bracket_with_digits(tokens):
        return None
    if _is_of_unknown(tokens):
        return None
    return "".join(one.text for one in tokens)


def _is_inverse_or_prime(tokens: Lexemes, place: int) -> bool:
    behind = "".join(one.text for one in tokens[place + 1 : place + 5])
    return behind.startswith(("'", "{'", "{-1}", "-1"))


def _is_bracket_with_digits(tokens: Lexemes) -> bool:
    return any(one.kind == "number" for one in tokens) or any(
        one.text in ("+", "-", "*", "/") for one in tokens
    )


def _is_of_unknown(tokens: Lexemes) -> bool:
    """`\\sqrt{x}`, `|x|`, `\\ln x`: a function of a lone unknown."""
    texts = [one.text for one in tokens if one.text not in ("(", ")", "{", "}")]
    if len(texts) == 3 and texts[0] == texts[2] == "|":
        return texts[1] in _UNKNOWN
    return (
        len(texts) == 2 and texts[1] in _UNKNOWN and (is_function(texts[0]) or texts[0] == r"\sqrt")
    )


__all__ = ["join_orders", "name_of", "read_relation"]
_ = (Operation, Rational, number)
