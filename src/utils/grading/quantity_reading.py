"""Reads numbers and expressions with what stands behind them: units, nouns, scales, remarks."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from .brackets import Lexemes, enclosed, spelled
from .formula_reading import FormulaParser, read_tree
from .letters import is_function
from .lexing import Lexeme, Unreadable
from .trees import Rational, Tree, add, multiply, number, variables
from .units import Measure, read_noun, read_unit
from .values import Ambiguous, Plain, Quantity, Residue, Value
from .words import SCALES

_CURRENCIES = ("$", "£", "€")
_ORDINAL = re.compile(r"\^?\{?(?:st|nd|rd|th)\}?")
_MODULUS = re.compile(r"\(?\\?p?(?:\\)?mod\{?(\d{1,9})\}?\)?")
_BARE_UNITS = frozenset("mgsLNJWVK")
_REASON = frozenset(["since", "because", "as", "where", "given", "by", "from", "using"])
_TAKES_BACK = frozenset(
    ["not", "no", "wrong", "incorrect", "or", "but", "never", "otherwise", "if", "false"]
)
_ARCS = {"'": "arcminute", '"': "arcsecond"}
_LENGTHS = {"'": "ft", '"': "in"}


def is_reason(tokens: Lexemes) -> bool:
    """Whether tokens give a reason for what stands before them, and change nothing of it."""
    inside = enclosed(tokens)
    words = inside[1] if inside and inside[0] == "(" else tokens
    return (
        len(words) > 1
        and words[0].text.lower() in _REASON
        and _TAKES_BACK.isdisjoint(one.text.lower() for one in words)
    )


def read_quantity(tokens: Lexemes) -> Value:
    """A number or expression, with its unit or its noun. Raises Unreadable for all else."""
    if not tokens:
        raise Unreadable("a number is missing")
    if money := _read_money(tokens):
        return money
    if composed := _read_composed(tokens):
        return composed
    if degrees := _read_degrees(tokens):
        return degrees
    if tokens[0].kind == "number" and _ORDINAL.fullmatch("".join(one.text for one in tokens[1:])):
        return Plain(read_tree(tokens[:1]))
    parser = FormulaParser(tokens)
    tree = parser.sum()
    rest = parser.rest()
    value = _with_rest(tree, rest) if rest else Plain(tree)
    if not rest and (bare := _read_bare_unit(tokens)):
        return Ambiguous((bare, value))
    return value


def _with_rest(tree: Tree, rest: Lexemes) -> Value:
    if found := _MODULUS.fullmatch("".join(one.text for one in rest)):
        return Residue(tree, int(found[1]))
    if is_reason(rest) and not variables(tree):
        return Plain(tree)
    scale = SCALES.get(rest[0].text.lower().removesuffix("s"))
    if scale and isinstance(tree, Rational):
        tree, rest = multiply(tree, number(scale)), rest[1:]
        if not rest:
            return Plain(tree)
    inside = enclosed(rest)
    if inside and inside[0] == "(" and (measure := read_unit(inside[1])):
        return Quantity(tree, measure)
    if len(rest) == 1 and rest[0].text.lower() == "percent":
        return Plain(multiply(tree, number(Fraction(1, 100))))
    if [one.text.lower() for one in rest] == ["per", "cent"]:
        return Plain(multiply(tree, number(Fraction(1, 100))))
    if rest and is_reason(rest[_unit_length(rest) :]):
        rest = rest[: _unit_length(rest)]
    if measure := read_unit(rest):
        return Quantity(tree, measure)
    if rest and (noun := read_noun(rest)):
        return Quantity(tree, None, noun)
    raise Unreadable(f"not understood: {spelled(rest)[:40]!r}")


def _unit_length(rest: Lexemes) -> int:
    """Tokens before the first bracket or reason."""
    for place, one in enumerate(rest):
        if one.text == "(" or one.text in ("since", "because"):
            return place
    return len(rest)


def _read_money(tokens: Lexemes) -> Value | None:
    signs = 1 if tokens[0].text == "-" and len(tokens) > 2 else 0
    currency = tokens[signs]
    if currency.text not in _CURRENCIES:
        return None
    amount = read_quantity([*tokens[:signs], *tokens[signs + 1 :]])
    coin = read_unit([currency])
    assert coin is not None
    match amount:
        case Plain(tree):
            return Quantity(tree, coin)
        case Quantity(tree, measure, noun, False) if measure is None or measure == coin:
            return Quantity(tree, coin, noun)
        case Quantity(tree, Measure(scale, dimensions), _, False) if all(
            power < 0 for _, power in dimensions
        ):
            return Quantity(
                tree, Measure(coin.scale * scale, tuple(sorted((*coin.dimensions, *dimensions))))
            )
    raise Unreadable("not understood as money")


def _read_degrees(tokens: Lexemes) -> Value | None:
    """`60^\\circ`, `20^\\circ\\text{C}`; degrees within an expression belong to it."""
    end = len(tokens) - 1
    scale = "deg"
    if tokens[end].text in ("C", "F") and end:
        scale = {"C": "celsius", "F": "fahrenheit"}[tokens[end].text]
        end -= 1
    body = tokens[:end]
    if tokens[end].text != "°" or not body:
        return None
    if any(one.text == "°" or is_function(one.text) for one in body):
        return None
    return Quantity(read_tree(body), read_unit([Lexeme("word", scale)]))


def _read_composed(tokens: Lexemes) -> Value | None:
    """`5 ft 6 in`, `2 hours 30 minutes`, `45° 30'`: numbers, each with its unit."""
    starts = [
        place
        for place, one in enumerate(tokens)
        if one.kind == "number" and (place == 0 or _ends_unit(tokens[place - 1]))
    ]
    if len(starts) < 2 or starts[0] != 0:
        if not (len(tokens) == 2 and tokens[0].kind == "number" and tokens[1].text in _LENGTHS):
            return None
    names = _ARCS if any(one.text == "°" for one in tokens) else _LENGTHS
    parts = list[tuple[Rational, Measure]]()
    for start, end in pairwise([*starts, len(tokens)]):
        part = tokens[start:end]
        if len(part) > 1 and part[-1].text in ("and", ","):
            part = part[:-1]
        unit = [Lexeme("word", names.get(one.text, one.text)) for one in part[1:]]
        measure = read_unit(unit)
        amount = read_tree(part[:1])
        if measure is None or not isinstance(amount, Rational):
            return None
        parts.append((amount, measure))
    measures = [measure for _, measure in parts]
    if any(
        one.dimensions != other.dimensions or one.scale <= other.scale
        for one, other in pairwise(measures)
    ):
        raise Unreadable("units that are no parts of each other")
    last = measures[-1]
    total = add(*(multiply(amount, number(one.scale / last.scale)) for amount, one in parts))
    return Quantity(total, last, composed=True)


def _ends_unit(token: Lexeme) -> bool:
    return token.kind == "word" or token.text in ("'", '"', "°", "and", ",")


def _read_bare_unit(tokens: Lexemes) -> Value | None:
    """`25 m` and `25m` as a length: a unit of one letter without `\\text`."""
    for place in range(1, len(tokens)):
        one, before = tokens[place], tokens[place - 1]
        if one.kind == "word" and (before.kind == "number" or before.text == "}"):
            unit = tokens[place:]
            simple = one.text in _BARE_UNITS and (len(unit) == 1 or unit[1].text == "^")
            if simple or any(sign.text == "/" for sign in unit):
                measure = read_unit(unit)
                if measure is None:
                    return None
                # Without a space it is no length where it is compared with a mere number.
                return Quantity(read_tree(tokens[:place]), measure, composed=not one.spaced)
            return None
    return None
