"""Units after an answer: `5.4 \\text{ cents}`, `15\\mbox{ cm}^2`, `90^\\circ`, `12 inches`.

An answer may omit its unit; two different known units are two different answers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from .text import UNIT_LETTERS
from .words import SCALES, leaves_number

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
    "newton": "",
    "joule": "",
    "watt": "",
    "volt": "",
    "kelvin": "",
}
_CAPITALS = {"L": "l", "N": "newton", "J": "joule", "W": "watt", "V": "volt", "K": "kelvin"}
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
_ANY_POWER = re.compile(r"\^\s*(?:\{\s*-?\d\s*\}|-?\d)")
_DEGREES = re.compile(
    r"(?P<head>.*\S)\s*\^\s*\\circ\s*(?:\\text\{\s*)?(?P<scale>[CF]?)\s*\}?", re.DOTALL
)
# The degrees of an angle belong to its sine, not to the value of the sine.
_FUNCTION = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-zA-Z])")
_TEXT = r"\\text\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}"
_IN_TEXT = re.compile(
    rf"(?P<head>.*?\S)\s*(?P<unit>{_TEXT}{_POWER}(?:\s*(?:/|\\cdot)?\s*{_TEXT}{_POWER})*)",
    re.DOTALL,
)
_IN_WORDS = re.compile(
    rf"(?P<head>.*(?:[\d}})]|\\pi))\s*(?P<unit>(?:{_BARE})\.?(?:\s+(?:{_BARE})\.?)*{_POWER})",
    re.DOTALL | re.IGNORECASE,
)
_MODULUS = re.compile(
    r"(?P<head>.*?\S)\s*(?:\\p?mod\s*\{?\s*(?P<pmod>\d{1,9})\s*\}?"
    r"|(?:\\text\{\s*)?\(\s*(?:\\text\{)?\s*\\?b?mod\s*\}?\s*(?P<mod>\d{1,9})\s*\)(?:\s*\})?)",
    re.DOTALL,
)
_SCALED = re.compile(
    rf"(?P<head>[^a-zA-Z]*\d)\s*(?:\\text\{{\s*)?(?P<scale>{'|'.join(SCALES)})s?\b"
    r"(?P<rest>[^{}\d]*)\}?",
    re.IGNORECASE,
)
_ORDINAL = re.compile(
    r"(?P<head>\d+)\s*(?:\^\s*)?\{?\s*(?:\\text\{)?\s*(?:st|nd|rd|th)\s*\}?\s*\}?"
)
# Without \text: a space, because `5abc` is a product (`5 abc`, too), and only common letters.
_BLANK = re.compile(r"(?<=[\d}%])\s+(?=[^\W\d_])")
_COUNTED = re.compile(r"[^\W\d_]{4}|[^\W\d_][aeiou][^\W\d_]", re.IGNORECASE)
_BARE_UNIT = re.compile(r"(?:[^\W\d_]|[ '’./-]|\^\s*(?:\{\s*-?\d\s*\}|-?\d))+")
_BARE_LETTERS = re.compile(r"[mgsLNJWVK]|m\s*\^\s*\{?\s*[23]\s*\}?")


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
    if unit.startswith("mod "):
        return value % max(1, int(unit[4:])), unit
    factor, base = _scale(unit)
    return value * factor, base


def ratio(unit: str, other: str) -> Fraction | None:
    """The factor from `other` to `unit`; 1 if one is empty, None if they are incompatible."""
    if not unit or not other or unit == other:
        return Fraction(1)
    (one, base), (two, other_base) = _scale(unit), _scale(other)
    return two / one if base == other_base else None


def _scale(unit: str) -> tuple[Fraction, str]:
    """`km/h` -> 5/18, `m/s`: the unit in base units."""
    factor, base = Fraction(1), ""
    for joint, name, power in re.findall(r"([/*]?)([a-z]+)((?:\^-?\d)?)", unit):
        smaller, times = _IN_BASE.get(name, (name, Fraction(1)))
        exponent = int(power[1:] or 1)
        factor *= times ** (-exponent if joint == "/" else exponent)
        base += joint + smaller + power
    return factor, base


class Quantity(NamedTuple):
    """An answer without its unit, and the unit: canonical, or empty if unknown."""

    text: str
    unit: str


def split_unit(text: str) -> Quantity:
    """`864 \\text{ inches}^2` -> (`864`, `in^2`). Text without a unit comes back as it is.

    The modulus of a residue counts as its unit, and `12th` is 12.
    """
    if (match := _DEGREES.fullmatch(text)) and not _FUNCTION.search(text):
        scale = {"C": "celsius", "F": "fahrenheit"}.get(match["scale"], "degree")
        return Quantity(match["head"], scale)
    if match := _MODULUS.fullmatch(text):
        return Quantity(match["head"], f"mod {int(match['pmod'] or match['mod'])}")
    if match := _ORDINAL.fullmatch(text):
        return Quantity(match["head"], "")
    match = _IN_TEXT.fullmatch(text) or _IN_WORDS.fullmatch(text)
    if (
        match
        and match["head"][-1] not in "+-*/=<>^_{(,"
        and not match["head"].startswith(r"\text")
        and _is_unit(match["unit"])
    ):
        return Quantity(match["head"], canonical_unit(match["unit"]))
    return Quantity(text, "")


def split_words(text: str) -> Quantity | None:
    """`12 apples` -> (`12`, ``), `25 m` -> (`25`, `m`): a number and words without \\text.

    None for anything else. The words may be a product of variables: the caller decides, from the
    number it is compared with.
    """
    blank = _BLANK.search(text)
    if blank is None:
        return None
    head, unit = text[: blank.start()], text[blank.end() :]
    if not _BARE_UNIT.fullmatch(unit) or not _is_unit(unit):
        return None
    words = re.findall(r"[^\W\d_]+", unit)
    known = canonical_unit(unit)
    if max(map(len, words)) == 1:
        is_unit = "/" in unit or _BARE_LETTERS.fullmatch(unit) is not None
    else:
        is_unit = bool(known or (_COUNTED.match(unit) and not re.search(r"[/^]", unit)))
    return Quantity(head, known) if is_unit else None


def split_scale(text: str) -> tuple[int, str]:
    """`5 \\text{ million dollars}` -> 1000000, `5\\text{ dollars}`; 1 and the text if unscaled."""
    match = _SCALED.fullmatch(text)
    if match is None:
        return 1, text
    rest = rf"\text{{{match['rest']}}}" if match["rest"].strip(" .") else ""
    return SCALES[match["scale"].lower()], match["head"] + rest


def _is_unit(unit: str) -> bool:
    """Whether a number keeps its value without these words; a one-letter word must be a unit."""
    bare = re.sub(r"\\text|\\cdot", " ", _ANY_POWER.sub("", unit))
    words = re.findall(r"[^\W\d_]+", bare)
    return (
        not re.search(r"[\d!=<>+*^]", bare)
        and leaves_number(words)
        and all(
            len(word) > 1 or word in UNIT_LETTERS or (word == "a" and 0 < place < len(words) - 1)
            for place, word in enumerate(words)
        )
    )


def canonical_unit(unit: str) -> str:
    """`\\text{ square inches}` and `\\text{inch}^2` -> `in^2`. Empty if any word is unknown.

    What is counted (`students`, `ways`) is not a unit of measure and makes no claim.
    """
    words = re.sub(r"\\text|\\cdot|[{}\\.]", " ", unit)
    words = re.sub(r"\bper\b", "/", words, flags=re.IGNORECASE)
    words = re.sub(r"([a-zA-Z]+)\s*\^\s*-\s*(\d)(?!\d)", r"/ \1^\2", words).replace("^1", "")
    result = ""
    pending = ""
    for word in re.findall(r"[a-zA-Z]+|/|\^\s*-?\d", words):
        name = _CAPITALS.get(word, word.lower())
        if name in _POWERS:
            # "square inches" names the power first, "inches squared" last.
            if result and result[-1].isalpha():
                result += _POWERS[name]
            else:
                pending = _POWERS[name]
        elif word == "/" or word.startswith("^"):
            result += word.replace(" ", "")
        else:
            known = _CANONICAL.get(name) or _CANONICAL.get(name.removesuffix("s"))
            if known is None or (len(word) == 1 and word not in UNIT_LETTERS):
                return ""
            result += ("*" if result and result[-1] != "/" else "") + known + pending
            pending = ""
    return "" if result.startswith("/") else result
