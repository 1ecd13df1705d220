"""Reads unions and differences of sets, the sets of numbers, and matrices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .answer_types import AnswerValue, Braced, Exact, Grid, Reals
from .brackets import Lexemes, outer, split, texts
from .lexing import Unreadable
from .real_sets import ALL_REALS, above, as_reals, below, complement, intersection, points, union
from .relation_reading import ReadTokens
from .trees import ZERO

_BLACKBOARD = {"R": "ℝ", "Q": "ℚ", "Z": "ℤ", "N": "ℕ"}
_REALS = {
    "ℝ": ALL_REALS,
    "ℝ>": above(ZERO, False),
    "ℝ<": below(ZERO, False),
    "ℝ≥": above(ZERO, True),
    "ℝ≤": below(ZERO, True),
    "ℝ≠": complement(points(ZERO)),
}
_MARKS = {">": "^+ _+ _>0 ^+_* _+^*", "<": "^- _- _<0", "≥": "_≥0 ^+_0 _0^+", "≤": "_≤0 ^-_0 _0^-",
          "≠": "^* _≠0"}  # fmt: skip
_SPELLED = {mark: sign for sign, marks in _MARKS.items() for mark in marks.split()}
_MATRICES = dict.fromkeys(("matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"), "()")
_KINDS = {**_MATRICES, "vmatrix": "||", "Vmatrix": "‖‖", "cases": "cases"}


def read_set(tokens: Lexemes, read: ReadTokens) -> AnswerValue | None:
    """A set that is named, or composed of others; None for anything else. Raises Unreadable."""
    if texts(tokens) == ["∅"]:
        return Braced(())
    if (named := _read_named(tokens)) is not None:
        return named
    for sign in "∪∩∖-":
        pieces, signs = split(tokens, (sign,))
        if signs and (sign != "-" or tokens[0].text == "ℝ"):
            return _combined([read(piece) for piece in pieces], sign)
    return None


def _read_named(tokens: Lexemes) -> AnswerValue | None:
    text = "".join(one.text for one in tokens if one.text not in "{}")
    marked = text[1:2] in ("^", "_")
    letter = text[:1]
    if text[1:] in _SPELLED:
        letter = _BLACKBOARD.get(letter, letter)
    if letter == "ℝ" and (text[1:] in _SPELLED or len(text) == 1):
        return Reals(_REALS[letter + _SPELLED.get(text[1:], "")])
    if letter and letter in "ℝℂℚℤℕ" and (marked or len(text) == 1):
        if not re.fullmatch(r".(?:[\^_](?:[+*-]|[≥>≤<≠]?\d))*", text):
            raise Unreadable("not understood: a set of numbers")
        return Exact("set", letter + text[1:])
    return None


def _combined(values: Sequence[AnswerValue], sign: str) -> AnswerValue:
    sets = [one for one in map(as_reals, values) if one is not None]
    names = {one.name for one in sets if one.name}
    if len(sets) < len(values) or len(names) > 1:
        raise Unreadable("a union or difference of what are no sets of real numbers")
    spans = sets[0].spans
    for one in sets[1:]:
        if sign == "∪":
            spans = union((*spans, *one.spans))
        else:
            spans = intersection(spans, one.spans if sign == "∩" else complement(one.spans))
    return Reals(spans, *names)


def read_grid(tokens: Lexemes, read: ReadTokens) -> AnswerValue | None:
    """`\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}`; None for anything else."""
    if len(tokens) < 8 or tokens[0].text != r"\begin" or tokens[-4].text != r"\end":
        return None
    name, body = tokens[2].text, tokens[4:-4]
    if name not in _KINDS or texts(tokens[1:4]) != texts(tokens[-3:]):
        raise Unreadable(f"not understood: {name}")
    if name == "array" and body[0].text == "{":
        close = outer(body)[1]
        if not re.fullmatch(r"[lcr|]+", "".join(texts(body[1:close]))):
            raise Unreadable("not understood: the columns of a matrix")
        body = body[close + 1 :]
    rows = [split(row, ("&",))[0] for row in split(body, (r"\\",))[0]]
    if not any(rows[-1]):
        rows.pop()
    cells = tuple(tuple(map(read, row)) for row in rows)
    if name != "cases" and len({len(row) for row in cells}) != 1:
        raise Unreadable("rows of different lengths")
    return Grid(_KINDS[name], cells)
