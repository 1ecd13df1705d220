"""Units of measure: what they are in base units, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .lexing import Lexeme
from .words import are_counted

_TABLE = """
m 1 m meter metre, 1/1000 mm millimeter millimetre, 1/100 cm centimeter centimetre,
  1000 km kilometer kilometre, 127/5000 in inch inche, 381/1250 ft foot feet, 1143/1250 yd yard,
  201168/125 mi mile
g 1 g gram, 1/1000 mg milligram, 1000 kg kilogram, 45359237/1600000 oz ounce,
  45359237/100000 lb pound
l 1 l L liter litre, 1/1000 ml milliliter millilitre, 473176473/125000000 gal gallon
s 1 s sec second, 60 min minute, 3600 h hr hour, 86400 day, 604800 week
month 1 month, 12 year yr
dollar 1 dollar $ usd, 1/100 cent
deg 1 degree deg °, 1/60 arcminute, 1/3600 arcsecond
rad 1 radian rad
euro 1 euro € eur
sterling 1 £ sterling
celsius 1 celsius
fahrenheit 1 fahrenheit
N 1 newton N
J 1 joule J
W 1 watt W
V 1 volt V
K 1 kelvin K
A 1 ampere A
C 1 C
F 1 F
"""
_UNITS = {
    name: (Fraction(scale), base)
    for base, members in (line.split(" ", 1) for line in re.split(r"\n(?! )", _TABLE.strip()))
    for scale, *names in (member.split() for member in members.split(","))
    for name in names
}
_SPEEDS = {"mph": ("mi", "h"), "kph": ("km", "h"), "kmh": ("km", "h")}
_POWERS = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cubed": 3}
_EXPONENT = re.compile(r"\^(?:\{(-?\d)\}|(\d))(?!\d)")


@dataclass(frozen=True)
class Measure:
    """A unit: `scale` times a product of powers of base units."""

    scale: Fraction
    dimensions: tuple[tuple[str, int], ...]

    def __mul__(self, other: Measure) -> Measure:
        powers = dict(self.dimensions)
        for base, power in other.dimensions:
            powers[base] = powers.get(base, 0) + power
        return Measure(
            self.scale * other.scale, tuple(sorted(one for one in powers.items() if one[1]))
        )

    def __pow__(self, exponent: int) -> Measure:
        return Measure(
            self.scale**exponent, tuple((base, power * exponent) for base, power in self.dimensions)
        )


def unit_of(name: str) -> Measure | None:
    """One unit by its name, in any number; `N` is not `n`."""
    if name in _SPEEDS:
        length, time = (unit_of(part) for part in _SPEEDS[name])
        return length * time**-1 if length and time else None
    lower = name.lower()
    spellings = (name, lower, lower.removesuffix("s"), lower.removesuffix("es"))
    found = next(
        (one for one in spellings if one in _UNITS and (len(one) > 1 or one == name)), None
    )
    return Measure(_UNITS[found][0], ((_UNITS[found][1], 1),)) if found else None


def is_unit_word(word: str) -> bool:
    return unit_of(word) is not None or word.lower() in _POWERS


def read_unit(tokens: Sequence[Lexeme]) -> Measure | None:
    """`cm^2`, `square inches`, `m/s`, `miles per hour`; None if any token is something else."""
    total, last, sign, power = Measure(Fraction(1), ()), None, 1, 1
    words = [token.text for token in tokens]
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word in ("/", "per"):
            if sign < 0 or place == len(words):
                return None
            sign = -1
        elif word in ("squared", "cubed"):
            if last is None:
                return None
            total *= last ** (_POWERS[word] - 1)
        elif word.lower() in _POWERS:
            power = _POWERS[word.lower()]
        elif word not in ("*", ".", "{", "}"):
            unit = unit_of(word)
            if unit is None:
                return None
            if words[place : place + 1] == ["^"]:
                exponent = _EXPONENT.match("".join(words[place:]))
                if exponent is None:
                    return None
                place += 2 if exponent[2] else 4 + exponent[1].startswith("-")
                power *= int(exponent[1] or exponent[2])
            last = unit ** (power * sign)
            total, sign, power = total * last, 1, 1
    return total if total.dimensions and sign == power == 1 else None


def read_noun(tokens: Sequence[Lexeme]) -> str:
    """What is counted, `slices of pizza`, in lower case; empty if the words may say more."""
    words = [one.text.lower() for one in tokens if one.text not in ("'", "-", ".")]
    if not words or not all(re.fullmatch(r"[^\W\d_]{2,}|a|s", word) for word in words):
        return ""
    fits = len(words[0]) > 1 and words[-1] != "a" and len(words) <= 6 and are_counted(words)
    return " ".join(words) if fits else ""
