"""What words and digits are in a formula: numbers, functions, products of letters, or none."""

from __future__ import annotations

import re
from fractions import Fraction

from .characters import GREEK
from .lexing import Lexeme
from .trees import Rational, number
from .units import is_unit_word

TRIGONOMETRIC = ("sin", "cos", "tan", "cot", "sec", "csc")
_INVERSES = {f"{arc}{name}": f"a{name}" for arc in ("arc", "a") for name in TRIGONOMETRIC}
SEVERAL = ("max", "min", "gcd", "lcm")
_SAME_NAMES = (*TRIGONOMETRIC, *SEVERAL, "sinh", "cosh", "tanh", "coth", "exp", "cis", "abs")
FUNCTIONS = {
    **_INVERSES,
    **dict(zip(_SAME_NAMES, _SAME_NAMES, strict=True)),
    **{"ln": "log", "log": "log", "lg": "log", "floor": "floor", "ceil": "ceiling"},
    **{"Re": "re", "Im": "im", "arg": "arg", "sqrt": "sqrt", "cbrt": "cbrt"},
}
_LETTERS = re.compile(r"[a-z]{2,3}|[a-zA-Z]{2}|[a-z][A-Z][a-z]|[a-z]{2}[A-Z]|[a-z][A-Z]{2}")
FUNCTION_OF_LETTER = re.compile(r"(arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|ln|log)([a-z])")
DIFFERENTIAL = re.compile(r"d[a-zA-Z]")
_SHORT_WORDS = "or and to mod base per of is if for as by in on at so no an the not"
_NO_LETTERS = frozenset(_SHORT_WORDS.split())
"""Words that are no products of letters."""
_COUNTED = re.compile(r"[^\W\d_]{4,}|[^\W\d_][aeiou][^\W\d_]", re.IGNORECASE)


def to_number(text: str) -> Rational:
    """`12`, `.5`, `1.5e3`, and `0.1(6)` for a period."""
    fixed, _, period = text.partition("(")
    if not period:
        return number(Fraction(text))
    digits = period.rstrip(")")
    nines = (10 ** len(digits) - 1) * 10 ** len(fixed.partition(".")[2])
    return number(Fraction(f"0{fixed.rstrip('.')}") + Fraction(int(digits), nines))


def is_function(word: str) -> bool:
    """Whether a word names a function; also `sinx`, typed without a space before its letter."""
    return word in FUNCTIONS or FUNCTION_OF_LETTER.fullmatch(word) is not None


def is_counted_word(word: str) -> bool:
    """Whether a word of letters is rather a noun, `men`, than a product."""
    return _COUNTED.fullmatch(word) is not None


def is_named(word: str) -> bool:
    return is_function(word) or word in GREEK or word in ("pi", "inf", "infinity")


def is_name(token: Lexeme) -> bool:
    """`ABC` and `dx` are one letter each, not products."""
    word = token.text
    return DIFFERENTIAL.fullmatch(word) is not None or (word.isupper() and not token.upright)


def is_product(token: Lexeme) -> bool:
    """Whether a word is a product of letters, `xy`."""
    word = token.text
    return not (
        token.upright
        or len(word) < 2
        or word.lower() in _NO_LETTERS
        or _LETTERS.fullmatch(word) is None
        or len(set(word)) < len(word)  # `hht` is a sequence
        or is_named(word)
        or is_name(token)
    )


def is_factor(token: Lexeme, before: Lexeme) -> bool:
    """Whether a word behind a factor is another factor, and no unit and no other word."""
    word = token.text
    if len(word) == 1 or word.startswith("\\"):
        return not (token.upright and is_unit_word(word))
    if word.lower() in _NO_LETTERS or (token.upright and is_unit_word(word)):
        return False
    if is_named(word):
        return True
    behind_number = before.kind == "number" or before.text in ("pi", "}", ")")
    if is_unit_word(word) and (behind_number or (token.spaced and len(word) > 2)):
        return False
    if is_name(token):
        return True
    return is_product(token) and not (token.spaced and is_counted_word(word))
