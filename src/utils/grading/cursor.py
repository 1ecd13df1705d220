"""Goes through tokens: looks ahead, takes what is expected, and groups in braces as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from .lexing import Lexeme, Unreadable


class TokenCursor:
    """Tokens and a place among them."""

    def __init__(self, tokens: Sequence[Lexeme]) -> None:
        self._tokens = list(tokens)
        self._place = 0

    def rest(self) -> list[Lexeme]:
        return self._tokens[self._place :]

    def next(self) -> str:
        return self._tokens[self._place].text if self._place < len(self._tokens) else ""

    def _peek(self, ahead: int = 0) -> Lexeme | None:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else None

    def _take(self, text: str) -> bool:
        """Whether the next token is this one, which is then read."""
        if self.next() != text:
            return False
        self._place += 1
        return True

    def _expect(self, text: str) -> None:
        if not self._take(text):
            found = f"not understood at {self.next()!r}"
            raise Unreadable(found if self.rest() else "a bracket is not closed")

    def _spelled(self) -> str:
        """An index or what is below an accent, as its tokens in a row."""
        token = self._peek()
        if token is not None and token.text != "{" and token.kind != "sign":
            self._place += 1
            return token.text
        return " ".join(one.text for one in self._inner())

    def _inner(self) -> list[Lexeme]:
        """The tokens of a group in braces."""
        self._expect("{")
        start, depth = self._place, 1
        while depth:
            if not self.rest():
                raise Unreadable("a bracket is not closed")
            depth += {"{": 1, "}": -1}.get(self.next(), 0)
            self._place += 1
        return self._tokens[start : self._place - 1]
