"""Which left sides of equations are mere names of what follows."""

from __future__ import annotations

from .brackets import Lexemes, outer, texts
from .letters import is_function

_UNKNOWN = frozenset("xyt")
_COORDINATES = frozenset("xyz")
_NO_PART = frozenset("±∓∪…!%°∞")


def name_of(tokens: Lexemes) -> str | None:
    """The left side of an equation as a name: `x`, `f(1)`, `\\angle ABC`, `a + b`, `P(X = 2)`.

    None for an equation's side that says something of its unknown: `2x`, `x + y`, `\\sqrt{x}`.
    """
    if not tokens or tokens[0].text in ("+", "-") or _is_of_unknown(tokens):
        return None
    outside = [(place, tokens[place]) for place in outer(tokens)]
    words = [one.text for one in tokens if one.kind == "word" and not is_function(one.text)]
    letters = set[str]()
    for place, one in outside:
        if one.text in _NO_PART or (one.text == "^" and not _is_mark(tokens[place + 1 :])):
            return None
        if one.kind == "number" and texts(tokens[place - 1 : place]) != ["_"]:
            return None
        if one.kind == "word" and not is_function(one.text):
            letters.update(one.text if len(one.text) < 4 else (one.text,))
    signs = {one.text for _, one in outside}
    if not words or len(letters & _COORDINATES) > (1 if signs.isdisjoint("+-") else 0):
        return None
    if not letters and any(one.kind == "number" or one.text in "+-*/" for one in tokens):
        return None
    return "".join(text for text in texts(tokens) if text not in "{}")


def _is_mark(tokens: Lexemes) -> bool:
    """Whether a script is the mark of an inverse."""
    return "".join(texts(tokens[:4])).startswith(("{-1}", "-1"))


def _is_of_unknown(tokens: Lexemes) -> bool:
    """`\\sqrt{x}`, `|x|`, `\\ln x`: a function of a lone unknown."""
    bare = [text for text in texts(tokens) if text not in ("(", ")", "{", "}")]
    if len(bare) == 3 and bare[0] == bare[2] == "|":
        return bare[1] in _UNKNOWN
    return len(bare) == 2 and bare[1] in _UNKNOWN and (is_function(bare[0]) or bare[0] == r"\sqrt")
