"""Tokens and their brackets: splitting outside of them, and what is inside."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .lexing import Lexeme, Unreadable

Lexemes = Sequence[Lexeme]
_OPENING = ("(", "[", "{", r"\{", r"\begin", "⟨", "⌊", "⌈")
_PAIRS = dict(zip(_OPENING, (")", "]", "}", r"\}", r"\end", "⟩", "⌋", "⌉"), strict=True))
_CLOSING = frozenset(_PAIRS.values())
_ROUND = {"(", "[", ")", "]"}


def texts(tokens: Lexemes) -> list[str]:
    return [token.text for token in tokens]


def spelled(tokens: Lexemes) -> str:
    """The tokens as text, with a space where there was one."""
    return "".join((" " if token.spaced else "") + token.text for token in tokens).strip()


def check_brackets(tokens: Lexemes) -> None:
    """Raise Unreadable unless each bracket has its partner; `[0,1)` is a pair, too."""
    open_ones = list[str]()
    for text in texts(tokens):
        if text in _PAIRS:
            open_ones.append(text)
        elif text in _CLOSING:
            if not open_ones:
                raise Unreadable("a bracket closes that was not opened")
            last = open_ones.pop()
            if text != _PAIRS[last] and not {last, text} <= _ROUND:
                raise Unreadable("a bracket is not closed")
    if open_ones:
        raise Unreadable("a bracket is not closed")


def outer(tokens: Lexemes) -> list[int]:
    """The places of the tokens outside of all brackets; brackets themselves are outside."""
    depth, found = 0, list[int]()
    for place, text in enumerate(texts(tokens)):
        depth -= text in _CLOSING
        if depth == 0:
            found.append(place)
        depth += text in _PAIRS
    return found


def split(tokens: Lexemes, signs: Collection[str]) -> tuple[list[Lexemes], list[str]]:
    """The pieces between `signs` outside of brackets, and these signs."""
    places = [place for place in outer(tokens) if tokens[place].text in signs]
    starts, ends = [0, *(place + 1 for place in places)], [*places, len(tokens)]
    pieces = [tokens[start:end] for start, end in zip(starts, ends, strict=True)]
    return pieces, [tokens[place].text for place in places]


def enclosed(tokens: Lexemes) -> tuple[str, Lexemes, str] | None:
    """The opening bracket, what is inside, and the closing one, if one pair encloses all."""
    if len(tokens) < 2 or tokens[0].text not in _PAIRS or tokens[0].text == r"\begin":
        return None
    if outer(tokens)[:2] != [0, len(tokens) - 1]:
        return None
    return tokens[0].text, tokens[1:-1], tokens[-1].text


def turn_brackets(tokens: Lexemes) -> Lexemes:
    """`]1,2[` as `(1,2)`, and `<1,2>` as `⟨1,2⟩`.

    A bracket that closes where a set begins, or opens where it ends, has that meaning.
    """
    found = list(tokens)
    if "," not in texts(tokens) and ";" not in texts(tokens):
        return found
    if (found[0].text, found[-1].text) == ("<", ">"):
        return [Lexeme("sign", "⟨"), *found[1:-1], Lexeme("sign", "⟩")]
    for place, text in enumerate(texts(tokens)):
        before = tokens[place - 1].text if place else "="
        after = tokens[place + 1].text if place + 1 < len(tokens) else "∪"
        if text == "]" and before in ("=", "∈", "∪", "∩", "∖"):
            found[place] = Lexeme("sign", "(")
        elif text == "[" and after in ("∪", "∩", "∖", "or"):
            found[place] = Lexeme("sign", ")")
    return found
