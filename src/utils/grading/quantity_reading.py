"""Reads numbers and expressions with what stands behind them: units, nouns, scales, reasons."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

from .answer_types import Ambiguous, AnswerValue, Numeric, Plain, Quantity, Residue
from .brackets import Lexemes, enclosed, spelled, texts
from .formula_reading import FormulaParser, read_tree
from .letters import is_function
from .lexing import Lexeme, Unreadable
from .trees import Rational, Tree, add, multiply, number, variables
from .units import read_noun, read_unit
from .words import SCALES

_CURRENCIES = ("$", "£", "€")
_ORDINAL = re.compile(r"\^?\{?(?:st|nd|rd|th)\}?")
_MODULUS = re.compile(r"\(?\\?p?\\?mod\{?(\d{1,9})\}?\)?")
_BARE_UNITS = frozenset("mgsLNJWVK")
_REASON = frozenset(("since", "because", "as", "where", "given", "by", "from", "using"))
_DOUBTS = "not no wrong incorrect or but never otherwise if false"
_ARCS = {"'": "arcminute", '"': "arcsecond"}
_LENGTHS = {"'": "ft", '"': "in"}


def is_reason(tokens: Lexemes) -> bool:
    """Whether tokens give a reason for what stands before them, and change nothing of it."""
    inside = enclosed(tokens)
    words = [text.lower() for text in texts(inside[1] if inside else tokens)]
    return len(words) > 1 and words[0] in _REASON and {*_DOUBTS.split()}.isdisjoint(words)


def read_quantity(tokens: Lexemes) -> AnswerValue:
    """A number or expression, with its unit or its noun. Raises Unreadable for all else."""
    if not tokens:
        raise Unreadable("a number is missing")
    if tokens[0].kind == "number" and _ORDINAL.fullmatch("".join(texts(tokens[1:]))):
        return Plain(read_tree(tokens[:1]))
    found = _read_money(tokens) or _read_composed(tokens) or _read_degrees(tokens)
    if found:
        return found
    parser = FormulaParser(tokens)
    tree = parser.sum()
    if rest := parser.rest():
        return _with_rest(tree, rest)
    bare = _read_bare_unit(tokens)
    return Ambiguous((bare, Plain(tree))) if bare else Plain(tree)


def _with_rest(tree: Tree, rest: Lexemes) -> Numeric | Residue:
    inside = enclosed(rest)
    if found := _MODULUS.fullmatch("".join(texts(rest))):
        return Residue(tree, int(found[1]))
    if is_reason(rest) and not variables(tree):
        return Plain(tree)
    if inside and (measure := read_unit(inside[1])):
        return Quantity(tree, measure)
    scale = SCALES.get(rest[0].text.lower().removesuffix("s"))
    if scale and isinstance(tree, Rational):
        return (
            _with_rest(multiply(tree, number(scale)), rest[1:])
            if rest[1:]
            else Plain(multiply(tree, number(scale)))
        )
    if "".join(texts(rest)).lower() == "percent":
        return Plain(multiply(tree, number(Fraction(1, 100))))
    stops = [place for place, one in enumerate(rest) if is_reason(rest[place:])]
    if stops and not variables(tree):
        rest = rest[: stops[0]]
    if measure := read_unit(rest):
        return Quantity(tree, measure)
    if noun := read_noun(rest):
        return Quantity(tree, None, noun)
    raise Unreadable(f"not understood: {spelled(rest)[:40]!r}")


def _read_money(tokens: Lexemes) -> AnswerValue | None:
    """`\\$5`, `-\\$5`, `\\$3 million`, `\\$10 per day`."""
    sign = int(tokens[0].text == "-" and len(tokens) > 1)
    coin = read_unit(tokens[sign : sign + 1])
    if coin is None or tokens[sign].text not in _CURRENCIES:
        return None
    match read_quantity([*tokens[:sign], *tokens[sign + 1 :]]):
        case Plain(tree):
            return Quantity(tree, coin)
        case Quantity(tree, measure, noun, False) if measure is None or measure == coin:
            return Quantity(tree, coin, noun)
        case Quantity(tree, measure, _, False) if measure and measure.dimensions[0][1] < 0:
            return Quantity(tree, coin * measure)
    raise Unreadable("not understood as money")


def _read_degrees(tokens: Lexemes) -> AnswerValue | None:
    """`60^\\circ`, `20^\\circ\\text{C}`; degrees within an expression belong to it."""
    scale = {"C": "celsius", "F": "fahrenheit"}.get(tokens[-1].text, "deg")
    body = tokens if scale == "deg" else tokens[:-1]
    if len(body) < 2 or body[-1].text != "°":
        return None
    if any(one.text == "°" or is_function(one.text) for one in body[:-1]):
        return None
    return Quantity(read_tree(body[:-1]), read_unit([Lexeme("word", scale)]))


def _read_composed(tokens: Lexemes) -> AnswerValue | None:
    """`5 ft 6 in`, `2 hours 30 minutes`, `45° 30'`, `6'`: numbers, each with its unit."""
    starts = [place for place, one in enumerate(tokens) if one.kind == "number" and (
        place == 0 or tokens[place - 1].kind == "word" or tokens[place - 1].text in "'\"°"
    )]  # fmt: skip
    marked = len(tokens) == 2 and tokens[1].text in _LENGTHS
    if starts[:1] != [0] or (len(starts) < 2 and not marked):
        return None
    names = _ARCS if "°" in texts(tokens) else _LENGTHS
    parts = list[Quantity]()
    for start, end in pairwise([*starts, len(tokens)]):
        unit = [Lexeme("word", names.get(text, text)) for text in texts(tokens[start + 1 : end])]
        measure = read_unit(unit)
        if measure is None:
            return None
        parts.append(Quantity(read_tree(tokens[start : start + 1]), measure))
    return composed(parts)


def composed(parts: list[Quantity]) -> Quantity:
    """Several quantities as one. Raises Unreadable unless each unit is a part of that before it."""
    measures = [part.measure for part in parts if part.measure]
    for one, other in pairwise(measures):
        if one.dimensions != other.dimensions or one.scale <= other.scale:
            raise Unreadable("units that are no parts of each other")
    last = measures[-1]
    amounts = zip((part.tree for part in parts), measures, strict=True)
    total = add(*(multiply(tree, number(one.scale / last.scale)) for tree, one in amounts))
    return Quantity(total, last, composed=True)


def _read_bare_unit(tokens: Lexemes) -> AnswerValue | None:
    """`25 m` and `25m` as a length: a unit of one letter without `\\text`."""
    place = next((place for place, one in enumerate(tokens) if one.kind == "word"), 0)
    if not place or not (tokens[place - 1].kind == "number" or tokens[place - 1].text == "}"):
        return None
    unit = tokens[place:]
    simple = unit[0].text in _BARE_UNITS and (len(unit) == 1 or unit[1].text == "^")
    measure = read_unit(unit) if simple or "/" in texts(unit) else None
    if measure is None:
        return None
    # Without a space it is no length where it is compared with a mere number.
    return Quantity(read_tree(tokens[:place]), measure, composed=not unit[0].spaced)
