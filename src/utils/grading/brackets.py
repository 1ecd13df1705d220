"""Tokens and their brackets: splitting outside of them, and what is inside."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .lexing import Lexeme, Unreadable

Lexemes = Sequence[Lexeme]
_PAIRS = {
    "(": ")", "[": "]", "{": "}", r"\{": r"\}", "⟨": "⟩", "⌊": "⌋", "⌈": "⌉", r"\begin": r"\end",
}  # fmt: skip
_CLOSING = frozenset(_PAIRS.values())
_ROUND = {"(", "[", ")", "]"}


def check_brackets(tokens: Lexemes) -> None:
    """Raise Unreadable unless each bracket has its partner; `[0,1)` is a pair, too."""
    open_ones = list[str]()
    for token in tokens:
        if token.text in _PAIRS:
            open_ones.append(token.text)
        elif token.text in _CLOSING:
            if not open_ones:
                raise Unreadable("a bracket closes that was not opened")
            last = open_ones.pop()
            if token.text != _PAIRS[last] and not {last, token.text} <= _ROUND:
                raise Unreadable("a bracket is not closed")
    if open_ones:
        raise Unreadable("a bracket is not closed")


def outer(tokens: Lexemes) -> list[int]:
    """The places of the tokens outside of all brackets; brackets themselves are outside."""
    depth, found = 0, list[int]()
    for place, token in enumerate(tokens):
        depth -= token.text in _CLOSING
        if depth == 0:
            found.append(place)
        depth += token.text in _PAIRS
    return found


def split(tokens: Lexemes, signs: Collection[str]) -> tuple[list[Lexemes], list[str]]:
    """The pieces between `signs` outside of brackets, and these signs."""
    pieces, found, start = list[Lexemes](), list[str](), 0
    for place in outer(tokens):
        if tokens[place].text in signs:
            pieces.append(tokens[start:place])
            found.append(tokens[place].text)
            start = place + 1
    return [*pieces, tokens[start:]], found


def enclosed(tokens: Lexemes) -> tuple[str, Lexemes, str] | None:
    """The opening bracket, what is inside, and the closing one, if one pair encloses all."""
    if len(tokens) < 2 or tokens[0].text not in _PAIRS or tokens[0].text == r"\begin":
        return None
    places = outer(tokens)
    if places[:2] != [0, len(tokens) - 1]:
        return None
    return tokens[0].text, tokens[1:-1], tokens[-1].text


def turn_french(tokens: Lexemes) -> Lexemes:
    """`]1,2[` as `(1,2)`: a bracket that closes where none is open opens an interval."""
    if not any(token.text == "[" for token in tokens) or tokens[0].text == r"\begin":
        if not (tokens and tokens[0].text == "]"):
            return tokens
    result, open_ones = list(tokens), 0
    for place, token in enumerate(tokens):
        if token.text == "]" and open_ones == 0 and _begins_interval(tokens, place):
            result[place] = Lexeme("sign", "(")
            open_ones = 1
        elif token.text == "[" and open_ones and _ends_operand(tokens, place):
            result[place] = Lexeme("sign", ")")
            open_ones -= 1
        elif token.text in ("(", "["):
            open_ones += 1
        elif token.text in (")", "]"):
            open_ones -= 1
    return result


def _begins_interval(tokens: Lexemes, place: int) -> bool:
    """Whether a comma stands between here and the next square bracket."""
    for token in tokens[place + 1 :]:
        if token.text in (",", ";"):
            return True
        if token.text in ("[", "]"):
            return False
    return False


def _ends_operand(tokens: Lexemes, place: int) -> bool:
    """Whether a `[` stands behind an operand, and before the end or another part of a set."""
    following = tokens[place + 1].text if place + 1 < len(tokens) else ""
    return following in ("", "∪", "∩", "∖", ",", ";", "or", r"\}") and (
        tokens[place - 1].kind != "sign" or tokens[place - 1].text in (")", "}", "∞")
    )


def spelled(tokens: Lexemes) -> str:
    """The tokens as text, with a space where there was one."""
    return "".join((" " if token.spaced else "") + token.text for token in tokens).strip()
