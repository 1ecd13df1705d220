"""Reads an answer: what it is, down to its last character.

Structure is read here, because a computer algebra system loses it; expressions are read by
`formula_reading`. Reading knows nothing of the side that an answer is on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from .brackets import Lexemes, check_brackets, enclosed, outer, split, turn_french
from .formula_reading import read_tree
from .lexing import Lexeme, Unreadable, lex
from .quantity_reading import is_reason, read_quantity
from .relation_reading import join_orders, name_of, read_relation
from .trees import INFINITY, Rational, Tree, Variable, negative, number
from .values import (
    ALL_REALS,
    Braced,
    Bracketed,
    Choice,
    Grid,
    Listing,
    Named,
    NamedSet,
    Plain,
    Quantity,
    Ratio,
    Reals,
    Span,
    Value,
    Words,
    as_reals,
    complement,
    intersection,
    union,
)
from .word_reading import is_wordy, number_in_words, read_based, read_time_or_date, read_words
from .words import NOTHING, REAL_NUMBERS

_QUOTES = (("``", "''"), *((sign, sign) for sign in ("**", "__", "`", "'", '"', "*")))
_AND, _OR = ("and", "∧", "&"), ("or", "∨")
_SEPARATORS = (",", ";", *_AND, *_OR)
_SETS = frozenset("ℝℂℚℤℕ")
_ENDS = frozenset({".", ",", ";", ":", "✓", "\\\\", r"\square", r"\blacksquare", r"\qed"})
_LEAD = frozenset(["so", "thus", "therefore", "hence", "the", "final", "correct", "answer"])
_MOST_SIGNS = 3
_LISTING = {"(": ")", "[": "]", r"\{": r"\}", "⟨": "⟩"}
_MATRICES = {"matrix": "()", "pmatrix": "()", "bmatrix": "()", "Bmatrix": "()", "smallmatrix": "()",
             "array": "()", "vmatrix": "||", "Vmatrix": "‖‖", "cases": "cases"}  # fmt: skip


@lru_cache(maxsize=4096)
def read_answer(text: str) -> Value:
    """The value of an answer. Raises Unreadable, and RecursionError for hopeless nesting."""
    tokens = _without_frame(lex(_unquoted(text)))
    if not tokens:
        raise Unreadable("there is nothing to read")
    try:
        tokens = turn_french(tokens)
        if tokens[0].text == "<" and tokens[-1].text == ">":
            tokens = [Lexeme("sign", "⟨"), *tokens[1:-1], Lexeme("sign", "⟩")]
        check_brackets(tokens)
        return _read(_grouped_digits(tokens))
    except Unreadable:
        try:
            return read_words(tokens)
        except Unreadable:
            pass
        raise


def _unquoted(text: str) -> str:
    text = text.strip()
    while True:
        bare = text.rstrip(" .,;")
        quote = next(
            (
                one
                for one in _QUOTES
                if bare.startswith(one[0]) and bare.endswith(one[1]) and len(bare) > 2 * len(one[0])
            ),
            None,
        )
        if quote is None:
            return text
        text = bare[len(quote[0]) : -len(quote[1])].strip()


def _without_frame(tokens: Lexemes) -> Lexemes:
    """The tokens without "The answer is", a final full stop and a check mark."""
    while tokens and tokens[-1].text in _ENDS:
        tokens = tokens[:-1]
    start = 0
    while start < len(tokens) and (
        tokens[start].text.lower() in _LEAD or (start and tokens[start].text == ",")
    ):
        start += 1
    if start and tokens[start - 1].text.lower() == "answer" and start < len(tokens):
        if tokens[start].text in ("is", ":", "="):
            start += 1
            start += start < len(tokens) and tokens[start].text == ":"
            if start < len(tokens):
                return tokens[start:]
    while tokens and tokens[0].text == "⇒":
        tokens = tokens[1:]
    return tokens


def _grouped_digits(tokens: Lexemes) -> Lexemes:
    """`58,500` is one number, and in `10,000, 5` and `(10,000, 5)` the first is.

    Within brackets whose commas have no spaces behind them, all commas separate.
    """
    result, place = list[Lexeme](), 0
    spaced = _spaced_commas(tokens)
    openings = list[int]()
    while place < len(tokens):
        one = tokens[place]
        if one.text in _LISTING:
            openings.append(place)
        elif one.text in _LISTING.values() and openings:
            openings.pop()
        groups = _digit_groups(tokens, place)
        if groups > 1 and (not openings or openings[-1] in spaced):
            text = "".join(tokens[place + 2 * group].text for group in range(groups))
            result.append(Lexeme("number", text, one.spaced, one.upright))
            place += 2 * groups - 1
            continue
        result.append(one)
        place += 1
    return result


def _spaced_commas(tokens: Lexemes) -> set[int]:
    """The brackets in which some comma has a space behind it, by the place where they open."""
    openings, found = list[int](), set[int]()
    for place, one in enumerate(tokens):
        if one.text in _LISTING:
            openings.append(place)
        elif one.text in _LISTING.values() and openings:
            openings.pop()
        elif one.text == "," and openings and tokens[place + 1 : place + 2]:
            if tokens[place + 1].spaced:
                found.add(openings[-1])
    return found


def _digit_groups(tokens: Lexemes, start: int) -> int:
    """How many groups of digits `1,234,567` has from here; 1 if it is no such number."""
    first = tokens[start]
    if first.kind != "number" or not re.fullmatch(r"[1-9]\d{0,2}", first.text):
        return 1
    before = tokens[start - 1].text if start else ""
    if before == "," and not first.spaced:
        return 1
    groups = 1
    while True:
        comma, digits = start + 2 * groups - 1, start + 2 * groups
        if digits >= len(tokens) or tokens[comma].text != "," or tokens[comma].spaced:
            return groups
        number_ = tokens[digits]
        if number_.spaced:
            return groups
        last = re.fullmatch(r"\d{3}(\.\d+)?", number_.text)
        if number_.kind != "number" or not last:
            return 1
        groups += 1
        if last[1]:
            return groups


def _read(tokens: Lexemes) -> Value:
    """A value, or several separated by commas, `and` and `or`."""
    if not tokens:
        raise Unreadable("there is nothing to read")
    found = read_time_or_date(tokens) or read_based(tokens)
    if found:
        return found
    pieces, separators = split(tokens, _SEPARATORS)
    kept = list[Lexemes]()
    for place, piece in enumerate(pieces):
        if place and is_reason(piece) and place == len(pieces) - 1:
            value = _read(tokens[: len(tokens) - len(piece) - 1])
            if _is_number(value):
                return value
        if piece:
            kept.append(piece)
        elif not (0 < place < len(separators) and separators[place] in (*_AND, *_OR)):
            raise Unreadable("an item of a list is missing")
    if len(kept) == 1:
        return _read_piece(kept[0])
    return _collect(kept, separators)


def _is_number(value: Value) -> bool:
    return isinstance(value, Plain | Quantity) or (
        isinstance(value, Named) and isinstance(value.value, Plain | Quantity)
    )


def _collect(pieces: Sequence[Lexemes], separators: Sequence[str]) -> Value:
    items = [item for piece in pieces for item in _items_of(_read_piece(piece))]
    either = any(separator in _OR for separator in separators)
    orders = [item for item in items if isinstance(item, Reals) and item.name]
    if len(orders) == len(items) and len({item.name for item in orders}) == 1:
        return join_orders(orders, either)
    if not {"∧", "∨"}.isdisjoint(separators):
        raise Unreadable("not understood: ∧ and ∨ of what are no conditions on one variable")
    if composed := _as_composed(items):
        return composed
    # `3 or 3.0`, `x = 3, x = 3`: the same value twice.
    if either or all(isinstance(item, Named) for item in items):
        items = list(dict.fromkeys(items))
    if len(items) == 1:
        return items[0]
    return Listing(tuple(items), any(item == ELLIPSIS for item in items))


def _items_of(value: Value) -> tuple[Value, ...]:
    return value.items if isinstance(value, Listing) else (value,)


def _as_composed(items: Sequence[Value]) -> Value | None:
    """`5 hours and 30 minutes` is one length of time, if each unit is a part of the one before."""
    parts = [item for item in items if isinstance(item, Quantity) and item.measure]
    if len(parts) < len(items) or len({one.measure.dimensions for one in parts if one.measure}) > 1:
        return None
    scales = [one.measure.scale for one in parts if one.measure]
    amounts = [one.tree.value * scale for one, scale in zip(parts, scales, strict=True)
               if isinstance(one.tree, Rational)]  # fmt: skip
    if len(amounts) < len(parts) or any(one <= other for one, other in itertools.pairwise(scales)):
        return None
    if any(amount >= scale for amount, scale in zip(amounts[1:], scales, strict=False)):
        return None
    return Quantity(number(sum(amounts) / scales[-1]), parts[-1].measure, composed=True)


ELLIPSIS = Plain(Variable("…"))


def _read_piece(tokens: Lexemes) -> Value:
    """One value, which may hold others in brackets."""
    if not tokens:
        raise Unreadable("a part is missing")
    if [one.text for one in tokens] == ["…"]:
        return ELLIPSIS
    if is_wordy(tokens):
        return _read_name(tokens)
    inside = enclosed(tokens)
    if inside and inside[0] == "{":
        if len(split(inside[1], (",", ";"))[0]) > 1:
            return _read_braces(inside[1])
        if inside[1]:
            return _read(inside[1])
    if (choice := _read_choice(tokens, inside)) is not None:
        return choice
    if any(one.text in ("±", "∓") for one in tokens) and not (inside and inside[0] == r"\{"):
        return _read_signs(tokens)
    found = read_time_or_date(tokens) or read_based(tokens) or read_relation(tokens, _read)
    found = found or _read_sets(tokens) or _read_ratio(tokens)
    if found:
        return found
    if inside and (value := _read_inside(*inside)):
        return value
    if tokens[0].text in (r"\begin", "(", "["):
        grid = _read_grid(inside[1] if inside and inside[1] else tokens)
        if grid:
            return grid
    return read_quantity(tokens)


def _read_name(tokens: Lexemes) -> Value:
    words = read_words(tokens)
    if (value := number_in_words(words.text)) is not None:
        return Plain(number(value))
    if words.text in REAL_NUMBERS:
        return Reals(ALL_REALS)
    return Braced(()) if words.text in NOTHING else words


def _read_choice(tokens: Lexemes, inside: tuple[str, Lexemes, str] | None) -> Value | None:
    """A capital letter alone, `B`, `(B)` or `B)`."""
    letters = inside[1] if inside and inside[0] == "(" else tokens
    if len(letters) == 1 and re.fullmatch("[A-J]", letters[0].text):
        return Choice(letters[0].text)
    if len(letters) == 1 and letters[0].upright and re.fullmatch("[a-j]", letters[0].text):
        return Choice(letters[0].text.upper())
    return None


def _read_signs(tokens: Lexemes) -> Value:
    """`1 \\pm 2` as `1 + 2, 1 - 2`. Several signs are independent, unless a ∓ ties them."""
    places = [place for place, one in enumerate(tokens) if one.text in ("±", "∓")]
    if len(places) > _MOST_SIGNS:
        raise Unreadable("too many ±")
    tied = any(tokens[place].text == "∓" for place in places)
    choices = (
        [("+",) * len(places), ("-",) * len(places)]
        if tied
        else list(itertools.product("+-", repeat=len(places)))
    )
    items = list[Value]()
    for choice in choices:
        written = list(tokens)
        for place, sign in zip(places, choice, strict=True):
            if tokens[place].text == "∓":
                sign = {"+": "-", "-": "+"}[sign]
            written[place] = Lexeme("sign", sign, tokens[place].spaced)
        items.extend(_items_of(_read_piece(written)))
    return Listing(tuple(items))


def _read_inside(opening: str, tokens: Lexemes, closing: str) -> Value | None:
    """A set, a tuple, an interval or a value in brackets; None if another reader is to decide."""
    if opening == r"\{":
        return _read_builder(tokens) or _read_braces(tokens)
    if opening not in ("(", "[", "⟨"):
        return None
    pieces, _ = split(tokens, (",", ";"))
    if len(pieces) > 1:
        if not all(pieces):
            raise Unreadable("an item of a list is missing")
        if opening == "⟨":
            opening, closing = "(", ")"
        return Bracketed(opening, tuple(map(_read_piece, pieces)), closing)
    if opening == "(" and closing == ")" and tokens and not _is_grid(tokens):
        return _read(tokens)
    return None


def _read_braces(tokens: Lexemes) -> Value:
    if not tokens:
        return Braced(())
    pieces, _ = split(tokens, _SEPARATORS)
    if not all(pieces):
        raise Unreadable("an item of a set is missing")
    items = [item for piece in pieces for item in _items_of(_read_piece(piece))]
    return Braced(tuple(dict.fromkeys(items)))


def _read_builder(tokens: Lexemes) -> Value | None:
    """`\\{x \\in \\mathbb{R} : x > 2\\}` is the set that its condition says."""
    pieces, _ = split(tokens, ("|", ":"))
    if len(pieces) != 2:
        return None
    head, condition = pieces
    in_what = [one.text for one in head[1:] if one.text not in "{}"]
    if not head or in_what not in ([], ["∈", "ℝ"]) or head[0].kind != "word":
        raise Unreadable("not understood: a set by its condition")
    value = _read(condition)
    if isinstance(value, Reals) and value.name == head[0].text:
        return Reals(value.spans)
    raise Unreadable("not understood: a set by its condition")


def _read_sets(tokens: Lexemes) -> Value | None:
    """Unions, intersections and differences of sets, and the sets of numbers."""
    if tokens[0].text in "RQZN" and len(tokens) > 2 and tokens[1].text in ("^", "_"):
        written = [Lexeme("sign", "ℝℚℤℕ"["RQZN".index(tokens[0].text)]), *tokens[1:]]
        return _read_named_set(written) if tokens[2].text in ("+", "-", "*") else None
    if tokens[0].text in _SETS and all(one.text not in ("∪", "∩", "∖", r"\{") for one in tokens):
        return _read_named_set(tokens)
    pieces, signs = split(tokens, ("∪",))
    if signs:
        return _combined([_read_piece(piece) for piece in pieces], "∪")
    pieces, signs = split(tokens, ("∩",))
    if signs:
        return _combined([_read_piece(piece) for piece in pieces], "∩")
    minus = ("∖", "-") if tokens[0].text in _SETS else ("∖",)
    pieces, signs = split(tokens, minus)
    if len(signs) == 1 and all(pieces):
        whole, less = (_read_piece(piece) for piece in pieces)
        one, other = as_reals(whole), as_reals(less)
        if one is None or other is None:
            raise Unreadable("a difference of what is no set of real numbers")
        return Reals(intersection(one.spans, complement(other.spans)))
    if signs:
        raise Unreadable("not understood: a difference of sets")
    if tokens[0].text == "∅":
        if len(tokens) > 1:
            raise Unreadable("not understood behind the empty set")
        return Braced(())
    return None


def _combined(values: Sequence[Value], sign: str) -> Value:
    sets = [as_reals(value) for value in values]
    known = [one for one in sets if one is not None]
    if len(known) < len(sets):
        raise Unreadable("a union of what is no set of real numbers")
    spans = known[0].spans
    for one in known[1:]:
        spans = union(*spans, *one.spans) if sign == "∪" else intersection(spans, one.spans)
    names = {one.name for one in known if one.name}
    if len(names) > 1:
        raise Unreadable("a union of conditions on several variables")
    return Reals(spans, *names)


def _read_named_set(tokens: Lexemes) -> Value:
    text = "".join(one.text for one in tokens if one.text not in "{}")
    if text == "ℝ":
        return Reals(ALL_REALS)
    zero, infinity = number(0), INFINITY
    if text in ("ℝ^+", "ℝ_+", "ℝ_>0", "ℝ^+_*", "ℝ_+^*"):
        return Reals((Span(zero, infinity, False, False),))
    if text in ("ℝ^-", "ℝ_-", "ℝ_<0"):
        return Reals((Span(negative(infinity), zero, False, False),))
    if text in ("ℝ_≥0", "ℝ^+_0", "ℝ_0^+"):
        return Reals((Span(zero, infinity, True, False),))
    if text in ("ℝ_≤0", "ℝ^-_0", "ℝ_0^-"):
        return Reals((Span(negative(infinity), zero, False, True),))
    if text in ("ℝ^*", "ℝ_≠0"):
        return Reals(complement((Span(zero, zero, True, True),)))
    if not re.fullmatch(r"[ℝℂℚℤℕ](?:[\^_](?:[+*-]|[≥>≤<≠]?\d))*", text):
        raise Unreadable("not understood: a set of numbers")
    return NamedSet(text)


def _read_ratio(tokens: Lexemes) -> Value | None:
    signs = (":", "to") if tokens[0].kind == "number" else (":",)
    pieces, found = split(tokens, signs)
    if not found:
        return None
    if not all(pieces):
        raise Unreadable("a part of a ratio is missing")
    if len(pieces) == 2 and (name := name_of(pieces[0])) and pieces[0][0].kind == "word":
        return Named(name, _read_piece(pieces[1]))
    parts = [ELLIPSIS.tree if [one.text for one in piece] == ["…"] else read_tree(piece)
             for piece in pieces]  # fmt: skip
    texts = ["".join(one.text for one in piece) for piece in pieces]
    exact = len(parts) == 2 and bool(re.fullmatch(r"\d{1,2}:[0-5]\d", ":".join(texts)))
    return Ratio(tuple(parts), exact or ELLIPSIS.tree in parts)


def _is_grid(tokens: Lexemes) -> bool:
    return bool(tokens) and tokens[0].text == r"\begin" and tokens[-1].text == "}"


def _read_grid(tokens: Lexemes) -> Value | None:
    """A matrix: `\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}`."""
    if len(tokens) < 8 or tokens[0].text != r"\begin" or tokens[-4].text != r"\end":
        return None
    name = tokens[2].text
    if [one.text for one in tokens[1:4]] != [one.text for one in tokens[-3:]]:
        raise Unreadable("the end of a matrix is missing")
    if name not in _MATRICES:
        raise Unreadable(f"not understood: {name}")
    body = tokens[4:-4]
    if name == "array" and body and body[0].text == "{":
        close = outer(body)[1]
        if not all(re.fullmatch(r"[lcr|]+", one.text) for one in body[1:close]):
            raise Unreadable("not understood: columns of a matrix")
        body = body[close + 1 :]
    rows = [split(row, ("&",))[0] for row in split(body, ("\\\\",))[0]]
    if rows and not any(rows[-1]):
        rows.pop()
    read = tuple(tuple(_read_cell(cell) for cell in row) for row in rows)
    if _MATRICES[name] != "cases" and len({len(row) for row in read}) != 1:
        raise Unreadable("rows of different lengths")
    return Grid(_MATRICES[name], read)


def _read_cell(tokens: Lexemes) -> Value:
    if not tokens:
        raise Unreadable("a cell of a matrix is empty")
    return _read(tokens)


def tree_of(value: Value) -> Tree | None:
    return value.tree if isinstance(value, Plain) else None


_ = Words
