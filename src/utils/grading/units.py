"""Units behind an answer: `5.4 \\text{ cents}`, `15\\mbox{ cm}^2`, `90^\\circ`, `12 inches`.

An answer may leave its unit out; two different known units are two different answers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

_ALIASES = {
    "mm": "millimeter millimetre",
    "cm": "centimeter centimetre",
    "m": "meter metre",
    "km": "kilometer kilometre",
    "in": "inch inches",
    "ft": "foot feet",
    "yd": "yard",
    "mi": "mile",
    "mg": "milligram",
    "g": "gram",
    "kg": "kilogram",
    "lb": "pound",
    "oz": "ounce",
    "ml": "milliliter millilitre",
    "l": "liter litre",
    "gal": "gallon",
    "s": "sec second",
    "min": "minute",
    "h": "hr hour",
    "day": "",
    "week": "",
    "month": "",
    "year": "",
    "cent": "",
    "dollar": "",
    "euro": "",
    "sterling": "",
    "degree": "deg",
    "radian": "rad",
    "celsius": "",
    "fahrenheit": "",
    "mi/h": "mph",
}
# With one of these behind it a number is another number: `5 million`, `5 or more`.
_NO_UNITS = re.compile(
    r"\b(?:or|and|not|more|less|fewer|than|least|most|times|plus|minus|half"
    r"|dozen|hundred|thousand|[mb]illion)s?\b",
    re.IGNORECASE,
)
_CANONICAL = {name: unit for unit, names in _ALIASES.items() for name in (unit, *names.split())}
_POWERS = {"square": "^2", "sq": "^2", "squared": "^2", "cubic": "^3", "cubed": "^3"}

# Words that may follow a number without \text around them. One letter would be a variable.
_BARE = "|".join(
    sorted(
        (
            rf"{name}s?"
            for name in (*_CANONICAL, *_POWERS, "unit")
            if len(name) > 1 and name != "in"
        ),
        key=len,
        reverse=True,
    )
)
_POWER = r"(?:\s*\^\s*(?:\{\s*-?\d\s*\}|\d))?"
_DEGREES = re.compile(
    r"(?P<head>.*\S)\s*\^\s*\\circ\s*(?:\\text\{\s*)?(?P<scale>[CF]?)\s*\}?", re.DOTALL
)
# The degrees of an angle belong to its sine, not to the value of the sine.
_FUNCTION = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-zA-Z])")
_IN_TEXT = re.compile(
    rf"(?P<head>.*?\S)\s*(?P<unit>\\text\{{[^{{}}]*\}}{_POWER}"
    rf"(?:\s*(?:/|\\cdot)?\s*\\text\{{[^{{}}]*\}}{_POWER})*)",
    re.DOTALL,
)
_IN_WORDS = re.compile(
    rf"(?P<head>.*[\d}})])\s*(?P<unit>(?:{_BARE})\.?(?:\s+(?:{_BARE})\.?)*{_POWER})",
    re.DOTALL | re.IGNORECASE,
)


_IN_BASE = {
    "mm": ("m", Fraction(1, 1000)),
    "cm": ("m", Fraction(1, 100)),
    "km": ("m", Fraction(1000)),
    "ft": ("in", Fraction(12)),
    "yd": ("in", Fraction(36)),
    "mi": ("in", Fraction(63360)),
    "mg": ("g", Fraction(1, 1000)),
    "kg": ("g", Fraction(1000)),
    "lb": ("oz", Fraction(16)),
    "ml": ("l", Fraction(1, 1000)),
    "min": ("s", Fraction(60)),
    "h": ("s", Fraction(3600)),
    "day": ("s", Fraction(86400)),
    "week": ("s", Fraction(604800)),
    "cent": ("dollar", Fraction(1, 100)),
}


def in_base(value: Fraction, unit: str) -> tuple[Fraction, str]:
    """`75 cent` -> `3/4 dollar`: equal quantities in units that are multiples become equal."""
    base, factor = _IN_BASE.get(unit, (unit, Fraction(1)))
    return value * factor, base


class Quantity(NamedTuple):
    """An answer without its unit, and the unit: canonical, or empty where none is known."""

    text: str
    unit: str


def split_unit(text: str) -> Quantity:
    """`864 \\text{ inches}^2` -> (`864`, `in^2`). Text without a unit comes back as it is."""
    if (match := _DEGREES.fullmatch(text)) and not _FUNCTION.search(text):
        scale = {"C": "celsius", "F": "fahrenheit"}.get(match["scale"], "degree")
        return Quantity(match["head"], scale)
    match = _IN_TEXT.fullmatch(text) or _IN_WORDS.fullmatch(text)
    if (
        match
        and match["head"][-1] not in "+-*/=<>^_{(,"
        and not match["head"].startswith(r"\text")
        and not _NO_UNITS.search(match["unit"])
    ):
        return Quantity(match["head"], canonical_unit(match["unit"]))
    return Quantity(text, "")


def canonical_unit(unit: str) -> str:
    """`\\text{ square inches}` and `\\text{inch}^2` -> `in^2`. Empty if any word is unknown.

    What is counted (`students`, `ways`) is no unit of measure: it makes no claim of its own.
    """
    words = re.sub(r"\\text|\\cdot|[{}\\.]", " ", unit.lower()).replace(" per ", " / ")
    words = re.sub(r"([a-z]+)\s*\^\s*-\s*1(?!\d)", r"/ \1", words)
    result = ""
    pending = ""
    for word in re.findall(r"[a-z]+|/|\^\s*-?\d", words):
        if word in _POWERS:
            # "square inches" names the power first, "inches squared" last.
            if result and result[-1].isalpha():
                result += _POWERS[word]
            else:
                pending = _POWERS[word]
        elif word == "/" or word.startswith("^"):
            result += word.replace(" ", "")
        else:
            known = _CANONICAL.get(word) or _CANONICAL.get(word.removesuffix("s"))
            if known is None:
                return ""
            result += known + pending
            pending = ""
    return result
