"""Reads an answer: what it is, down to its last character.

Structure is read here and in `set_reading`, because a computer algebra system loses it; expressions
are read by `formula_reading`. Reading knows nothing of the side that an answer is on.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from .answer_types import (
    Ambiguous,
    AnswerValue,
    Braced,
    Bracketed,
    Exact,
    Listing,
    Named,
    Numeric,
    Plain,
    Quantity,
    Ratio,
    Reals,
)
from .brackets import Lexemes, check_brackets, enclosed, split, texts, turn_brackets
from .characters import plain_characters
from .digit_groups import join_digit_groups
from .formula_reading import read_tree
from .lexing import Lexeme, Unreadable, lex
from .names import name_of
from .quantity_reading import composed, is_reason, read_quantity
from .relation_reading import join_orders, read_relation
from .set_reading import read_grid, read_set
from .trees import Letter, Rational
from .word_reading import is_wordy, read_based, read_name, read_time_or_date, read_words

_QUOTES = (("``", "''"), *((sign, sign) for sign in ("**", "__", "`", "'", '"', "*")))
_AND, _OR, _LOGIC = ("and", "∧"), ("or", "∨"), ("∧", "∨")
_SEPARATORS = (",", ";", *_AND, *_OR)
_BOLD_LABEL = re.compile(r"\A\*\*([A-Za-z ]{1,40}:?)\*\*(?=\s*\S)|(?<!\\)\\\Z")
_ENDS = frozenset({*".,;:✓", r"\\", r"\square", r"\blacksquare", r"\qed"})
_LEAD = frozenset(("so", "thus", "therefore", "hence", "the", "final", "correct", "answer", ","))
_MOST_SIGNS = 3
_ELLIPSIS = Plain(Letter("…"))


@lru_cache(maxsize=4096)
def read_answer(text: str) -> AnswerValue:
    """The value of an answer. Raises Unreadable, and RecursionError for hopeless nesting."""
    tokens = _without_frame(lex(_unquoted(plain_characters(text))))
    if not tokens:
        raise Unreadable("there is nothing to read")
    try:
        tokens = turn_brackets(tokens)
        check_brackets(tokens)
        return _read(join_digit_groups(tokens))
    except Unreadable as finding:
        try:
            return read_words(tokens)
        except Unreadable:
            raise finding from None


def _unquoted(text: str) -> str:
    text = _BOLD_LABEL.sub(r"\1", text.strip())
    bare = text.rstrip(" .,;")
    for opening, closing in _QUOTES:
        if bare.startswith(opening) and bare.endswith(closing) and len(bare) > 2 * len(opening):
            return _unquoted(bare[len(opening) : -len(closing)])
    return text


def _without_frame(tokens: Lexemes) -> Lexemes:
    """The tokens without "The answer is", a final full stop and a check mark."""
    while tokens and tokens[-1].text in _ENDS:
        tokens = tokens[:-1]
    lead = len([*itertools.takewhile(lambda one: one.text.lower() in _LEAD, tokens)])
    if lead and tokens[lead - 1].text.lower() == "answer":
        rest = tokens[lead:]
        if texts(rest[:1]) in (["is"], [":"], ["="]):
            rest = rest[1 + (texts(rest[1:2]) == [":"]) :]
            return rest or tokens
    while tokens and tokens[0].text == "⇒":
        tokens = tokens[1:]
    return tokens


def _read(tokens: Lexemes) -> AnswerValue:
    """A value, or several separated by commas, `and` and `or`."""
    found = read_time_or_date(tokens) or read_based(tokens)
    if found:
        return found
    pieces, separators = split(tokens, _SEPARATORS)
    if len(pieces) > 1 and is_reason(pieces[-1]):
        value = _read(tokens[: len(tokens) - len(pieces[-1]) - 1])
        bare = value.value if isinstance(value, Named) else value
        if isinstance(bare, Numeric):
            return value
    for piece, separator in zip(pieces[1:-1], separators[1:], strict=True):
        if not piece and separator not in (*_AND, *_OR):  # an empty one in `2, 3, and 5` alone
            raise Unreadable("an item of a list is missing")
    if len(pieces) == 1:
        return _read_piece(tokens)
    if not (pieces[0] and pieces[-1]):
        raise Unreadable("an item of a list is missing")
    return _collected([piece for piece in pieces if piece], separators)


def _collected(pieces: Sequence[Lexemes], separators: Sequence[str]) -> AnswerValue:
    items = _items(pieces)
    either, both = (not {*words}.isdisjoint(separators) for words in (_OR, _AND))
    orders = [item for item in items if isinstance(item, Reals) and item.name]
    if len(orders) == len(items) and len({item.name for item in orders}) == 1:
        if either and both:
            raise Unreadable("and beside or")
        return join_orders(orders, either, strictly="∧" in separators)
    if not {*_LOGIC}.isdisjoint(separators):
        raise Unreadable("∧ or ∨ of what are no conditions on one variable")
    lengths = [item.readings[0] if isinstance(item, Ambiguous) else item for item in items]
    if _is_one_quantity(lengths):
        return composed([item for item in lengths if isinstance(item, Quantity)])
    if either and len({item.name for item in items if isinstance(item, Named)}) > 1:
        raise Unreadable("one of several names")
    # `3 or 3.0`, `x = 3, x = 3`: the same value twice.
    if either or all(isinstance(item, Named) for item in items):
        items = tuple(dict.fromkeys(items))
    return items[0] if len(items) == 1 else Listing(items, _ELLIPSIS in items)


def _items(pieces: Sequence[Lexemes]) -> tuple[AnswerValue, ...]:
    """The values of all pieces, each ± written out."""
    values = [_read_piece(piece) for piece in pieces]
    return tuple(
        item
        for value in values
        for item in (value.items if isinstance(value, Listing) else (value,))
    )


def _is_one_quantity(items: Sequence[AnswerValue]) -> bool:
    """`5 hours and 30 minutes`: each is less than one of the unit before it."""
    parts = [
        (item.tree.value, item.measure)
        for item in items
        if isinstance(item, Quantity) and item.measure and isinstance(item.tree, Rational)
    ]
    return len(parts) == len(items) and all(
        one.dimensions == other.dimensions and amount * other.scale < one.scale
        for (_, one), (amount, other) in itertools.pairwise(parts)
    )


def _read_piece(tokens: Lexemes) -> AnswerValue:
    """One value, which may hold others in brackets."""
    if not tokens:
        raise Unreadable("a part is missing")
    if texts(tokens) == ["…"]:
        return _ELLIPSIS
    if is_wordy(tokens):
        return read_name(tokens)
    inside = enclosed(tokens)
    if inside and inside[0] == "{" and inside[1]:
        several = len(split(inside[1], (",", ";"))[0]) > 1
        return _read_braces(inside[1]) if several else _read(inside[1])
    if choice := _read_choice(inside[1] if inside and inside[0] == "(" else tokens):
        return choice
    if not {"±", "∓"}.isdisjoint(texts(tokens)) and not (inside and inside[0] == r"\{"):
        return _read_signs(tokens)
    found = read_time_or_date(tokens) or read_based(tokens) or read_relation(tokens, _read)
    found = found or read_set(tokens, _read_piece) or _read_ratio(tokens)
    found = found or (_read_inside(*inside) if inside else None)
    found = found or read_grid(inside[1] if inside else tokens, _read)
    return found or read_quantity(tokens)


def _read_choice(tokens: Lexemes) -> AnswerValue | None:
    """A capital letter alone, `B` or `(B)`; a small one if it is no variable."""
    pattern = "[A-Ja-dfghj]" if tokens and tokens[0].upright else "[A-J]"
    if len(tokens) == 1 and re.fullmatch(pattern, tokens[0].text):
        return Exact("choice", tokens[0].text.upper())
    return None


def _read_signs(tokens: Lexemes) -> AnswerValue:
    """`1 \\pm 2` as `1 + 2, 1 - 2`. Several signs are independent, unless a ∓ ties them."""
    places = [place for place, one in enumerate(tokens) if one.text in ("±", "∓")]
    if len(places) > _MOST_SIGNS:
        raise Unreadable("too many ±")
    if any(tokens[place].text == "∓" for place in places):
        choices = [(1,) * len(places), (-1,) * len(places)]
    else:
        choices = list(itertools.product((1, -1), repeat=len(places)))
    written = list[Lexemes]()
    for choice in choices:
        copy = list(tokens)
        for place, turn in zip(places, choice, strict=True):
            sign = "+" if (turn > 0) == (tokens[place].text == "±") else "-"
            copy[place] = Lexeme("sign", sign, tokens[place].spaced)
        written.append(copy)
    items = _items(written)
    orders = [item for item in items if isinstance(item, Reals) and item.name]
    return join_orders(orders, False) if len(orders) == len(items) else Listing(items)


def _read_inside(opening: str, tokens: Lexemes, closing: str) -> AnswerValue | None:
    """A set, a tuple, an interval or a value in brackets; None if another reader is to decide."""
    if opening == r"\{":
        return _read_builder(tokens) or _read_braces(tokens)
    if opening not in ("(", "[", "⟨") or texts(tokens[:1]) == [r"\begin"]:
        return None
    pieces, _ = split(tokens, (",", ";"))
    if len(pieces) > 1:
        brackets = "()" if opening == "⟨" else opening + closing
        return Bracketed(brackets, tuple(map(_read_piece, pieces)))
    return _read(tokens) if opening + closing == "()" else None


def _read_braces(tokens: Lexemes) -> AnswerValue:
    items = _items(split(tokens, _SEPARATORS)[0]) if tokens else ()
    return Braced(tuple(dict.fromkeys(items)))


def _read_builder(tokens: Lexemes) -> AnswerValue | None:
    """`\\{x \\in \\mathbb{R} : x > 2\\}` is the set that its condition says."""
    pieces, _ = split(tokens, ("|", ":"))
    if len(pieces) != 2:
        return None
    head, condition = pieces
    members = [text for text in texts(head[1:]) if text not in "{}"]
    value = _read(condition)
    if isinstance(value, Reals) and texts(head[:1]) == [value.name] and members in ([], ["∈", "ℝ"]):
        return Reals(value.spans)
    raise Unreadable("not understood: a set by its condition")


def _read_ratio(tokens: Lexemes) -> AnswerValue | None:
    pieces, found = split(tokens, (":", "to") if tokens[0].kind == "number" else (":",))
    if not found:
        return None
    name = name_of(pieces[0])
    if len(pieces) == 2 and name and pieces[0][0].kind == "word":
        return Named(name, _read_piece(pieces[1]))
    parts = tuple(_ELLIPSIS.tree if texts(piece) == ["…"] else read_tree(piece) for piece in pieces)
    is_time = re.fullmatch(r"\d{1,2}:[0-5]\d", "".join(texts(tokens)))
    return Ratio(parts, is_time is not None or _ELLIPSIS.tree in parts)
