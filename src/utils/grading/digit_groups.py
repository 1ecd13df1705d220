"""Which commas are within numbers: `58,500`, but `(1,234)` is a pair."""

from __future__ import annotations

import re

from .brackets import Lexemes
from .lexing import Lexeme

_PAIRS = {"(": ")", "[": "]", r"\{": r"\}", "⟨": "⟩"}


def join_digit_groups(tokens: Lexemes) -> Lexemes:
    """`58,500` as one number, and so the first of `10,000, 5` and `(10,000, 5)`.

    Within brackets whose commas have no spaces behind them, all commas separate.
    """
    result, opened, place = list[Lexeme](), list[int](), 0
    spaced = _spaced(tokens)
    while place < len(tokens):
        one = tokens[place]
        if one.text in _PAIRS:
            opened.append(place)
        elif one.text in _PAIRS.values() and opened:
            opened.pop()
        groups = 1 if opened and opened[-1] not in spaced else _groups(tokens, place)
        if groups > 1:
            text = "".join(token.text for token in tokens[place : place + 2 * groups : 2])
            one = Lexeme("number", text, one.spaced, one.upright)
        result.append(one)
        place += 2 * groups - 1
    return result


def _spaced(tokens: Lexemes) -> set[int]:
    """The places of the brackets in which some comma has a space behind it."""
    opened, found = list[int](), set[int]()
    for place, one in enumerate(tokens):
        if one.text in _PAIRS:
            opened.append(place)
        elif one.text in _PAIRS.values() and opened:
            opened.pop()
        elif one.text == "," and opened and any(after.spaced for after in tokens[place + 1 :][:1]):
            found.add(opened[-1])
    return found


def _groups(tokens: Lexemes, start: int) -> int:
    """How many groups of digits `1,234,567` has from here; 1 if it is no such number."""
    first = tokens[start]
    continues = start and tokens[start - 1].text == "," and not first.spaced
    if continues or first.kind != "number" or not re.fullmatch(r"[1-9]\d{0,2}", first.text):
        return 1
    groups = 1
    while [one.text for one in tokens[start + 2 * groups - 1 :][:1]] == [","]:
        digits = tokens[start + 2 * groups :][:1]
        if not digits or tokens[start + 2 * groups - 1].spaced or digits[0].spaced:
            return groups
        found = re.fullmatch(r"\d{3}(\.\d+)?", digits[0].text)
        if found is None:
            return 1
        groups += 1
        if found[1]:
            return groups
    return groups
