"""Units of measure: what they are in base units, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .lexing import Lexeme
from .words import leaves_number

_BASES = """
m: mm millimeter millimetre = 1/1000, cm centimeter centimetre = 1/100, m meter metre = 1,
   km kilometer kilometre = 1000, in inch inche = 127/5000, ft foot feet = 381/1250,
   yd yard = 1143/1250, mi mile = 201168/125
g: mg milligram = 1/1000, g gram = 1, kg kilogram = 1000, oz ounce = 45359237/1600000,
   lb pound = 45359237/100000
l: ml milliliter millilitre = 1/1000, l liter litre L = 1, gal gallon = 473176473/125000000
s: s sec second = 1, min minute = 60, h hr hour = 3600, day = 86400, week = 604800
month: month = 1, year = 12
dollar: cent = 1/100, dollar $ usd = 1
deg: degree deg ° = 1, arcminute = 1/60, arcsecond = 1/3600
rad: radian rad = 1
euro: euro € eur = 1
sterling: £ sterling = 1
celsius: celsius = 1
fahrenheit: fahrenheit = 1
N: newton N = 1
J: joule J = 1
W: watt W = 1
V: volt V = 1
K: kelvin K = 1
A: ampere A = 1
C: C = 1
F: F = 1
"""
_Measure = tuple[Fraction, str]
_UNITS: dict[str, _Measure] = {}
for _line in _BASES.replace("\n   ", " ").strip().splitlines():
    _base, _, _members = _line.partition(": ")
    for _member in _members.split(","):
        _names, _, _scale = _member.partition("=")
        _UNITS.update((_name, (Fraction(_scale.strip()), _base)) for _name in _names.split())
_SPEEDS = {"mph": ("mi", "h"), "kph": ("km", "h"), "kmh": ("km", "h"), "fps": ("ft", "s")}
_POWERS = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cubed": 3}
_AMBIGUOUS = {"sec", "deg", "min", "in"}
"""Also functions and words: units only behind a number."""


@dataclass(frozen=True)
class Measure:
    """A unit: `scale` times a product of powers of base units; `°` and `degree` are the same."""

    scale: Fraction
    dimensions: tuple[tuple[str, int], ...]


def unit_of(name: str) -> tuple[Fraction, str] | None:
    """One unit by its name in any number; `N` is not `n`."""
    if name in _UNITS:
        return _UNITS[name]
    if len(name) == 1:
        return None
    lower = name.lower()
    return next(
        (
            _UNITS[one]
            for one in (lower, lower.removesuffix("s"), lower.removesuffix("es"))
            if one in _UNITS and len(one) > 1
        ),
        None,
    )


def is_unit_word(word: str) -> bool:
    return unit_of(word) is not None or word.lower() in _SPEEDS or word.lower() in _POWERS


def read_unit(tokens: Sequence[Lexeme]) -> Measure | None:
    """`cm^2`, `square inches`, `m/s`, `miles per hour`; None if any token is something else."""
    scale, dimensions = Fraction(1), dict[str, int]()
    sign, pending, place, last = 1, 1, 0, None
    while place < len(tokens):
        word = tokens[place].text
        place += 1
        if word in ("/", "per"):
            if place == len(tokens) or sign < 0:
                return None
            sign = -1
            continue
        if word in ("*", ".", "{", "}"):
            continue
        lower = word.lower()
        if lower in _POWERS:
            if lower.endswith("ed"):
                if last is None:
                    return None
                scale, last = _times(dimensions, scale, last, _POWERS[lower] - 1)
            else:
                pending = _POWERS[lower]
            continue
        parts = _SPEEDS.get(lower, (word,))
        for number, part in enumerate(parts):
            found = unit_of(part)
            if found is None:
                return None
            exponent = pending * (-sign if number else sign)
            if len(parts) == 1 and place < len(tokens) and tokens[place].text == "^":
                exponent_, place = _exponent(tokens, place + 1)
                if exponent_ is None:
                    return None
                exponent *= exponent_
            scale, last = _times(dimensions, scale, (*found, sign), exponent)
        pending = 1
        if sign < 0 and tokens[place - 1].text not in ("/", "per"):
            sign = 1
    if pending != 1 or not dimensions:
        return None
    return Measure(
        scale, tuple(sorted((name, power) for name, power in dimensions.items() if power))
    )


def _exponent(tokens: Sequence[Lexeme], place: int) -> tuple[int | None, int]:
    """The whole number at `place`, in braces or not, and the place behind it."""
    written = ""
    while place < len(tokens) and (
        tokens[place].text in ("{", "-") or tokens[place].kind == "number"
    ):
        written += tokens[place].text
        place += 1
    if written.startswith("{"):
        if tokens[place : place + 1] and tokens[place].text == "}":
            place += 1
            written = written[1:]
    return (int(written) if re.fullmatch(r"-?\d", written) else None), place


def _times(
    dimensions: dict[str, int], scale: Fraction, unit: tuple[Fraction, str, int], exponent: int
) -> tuple[Fraction, tuple[Fraction, str, int]]:
    size, base, sign = unit
    dimensions[base] = dimensions.get(base, 0) + exponent
    return scale * size**exponent, unit


_NOUN = re.compile(r"[^\W\d_]{2,}|a|s")
_NO_NOUN = frozenset(
    [
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "does",
        "do",
        "did",
        "has",
        "have",
        "had",
        "will",
        "would",
        "can",
        "could",
        "should",
        "may",
        "might",
        "must",
        "this",
        "that",
        "these",
        "those",
        "it",
        "they",
        "we",
        "you",
        "he",
        "she",
        "but",
        "than",
        "as",
        "because",
        "since",
        "which",
        "what",
        "how",
        "why",
        "so",
        "then",
        "thus",
        "yes",
        "too",
        "very",
        "only",
        "also",
        "here",
        "there",
        "approx",
        "approximately",
        "about",
        "roughly",
        "nearly",
        "almost",
        "around",
        "rounded",
        "estimated",
        "maybe",
        "perhaps",
        "probably",
        "possibly",
        "guess",
        "mistake",
        "error",
        "unknown",
        "undefined",
    ]
)


def read_noun(tokens: Sequence[Lexeme]) -> str | None:
    """What is counted, `slices of pizza`, in lower case; None if the words may say more."""
    words = [one.text.lower() for one in tokens if one.text not in ("'", "-", ".")]
    plain = all(one.kind == "word" or one.text in ("'", "-", ".") for one in tokens)
    if not plain or not words or tokens[0].kind != "word" or len(words[0]) < 2:
        return None
    if not all(map(_NOUN.fullmatch, words)) or words[-1] == "a" or len(words) > 6:
        return None
    if not leaves_number(words) or not _NO_NOUN.isdisjoint(words):
        return None
    return " ".join(words)
