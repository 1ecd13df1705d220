"""The form of an answer: a number, a list, an interval, a word, a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Form:
    """A parsed answer; `source` is its cleaned LaTeX."""

    source: str


@dataclass(frozen=True)
class Number(Form):
    """A plain rational, exact, with its canonical unit (empty if none)."""

    value: Fraction
    unit: str = ""


@dataclass(frozen=True)
class Based(Form):
    """Digits in a number base, `4210_5`: the digits matter, not only the value."""

    digits: str
    base: int


@dataclass(frozen=True)
class Choice(Form):
    """The letter of a multiple-choice option."""

    letter: str


@dataclass(frozen=True)
class Words(Form):
    """Text that is not mathematics, lower case, without punctuation."""

    text: str


@dataclass(frozen=True)
class Ordered(Form):
    """A tuple, a vector or an interval, depending on its brackets."""

    opening: str
    items: tuple[Form, ...]
    closing: str


@dataclass(frozen=True)
class Unordered(Form):
    """A list of solutions, a set, or the values of a ±."""

    items: tuple[Form, ...]


@dataclass(frozen=True)
class Union(Form):
    """Sets joined by ∪."""

    items: tuple[Form, ...]


@dataclass(frozen=True)
class Assigned(Form):
    """`x = 5`, `f(x) = 2x`, `x \\in (1, 2)`: a value, and the name it was given."""

    name: str
    value: Form

    @property
    def is_named_sum(self) -> bool:
        """`a + b = 12` is an answer 12, but also the equation of a line."""
        return bool(re.search(r"[-+*/]", self.name))


@dataclass(frozen=True)
class Formula(Form):
    """Anything else: mathematics for the algebra system. `latex` is the source without its unit."""

    latex: str
    unit: str = ""


_FONT = re.compile(r"\\(?:text|math)[a-z]*\s*|\\(?:bf|it|rm|sf|tt)(?![a-zA-Z])\s*|[{}]")
_LOWER = re.compile(r"\s*(?:[a-j]\s*(?:[).:](?!\w\.)|$)|[(\[]\s*[a-j]\s*[)\]])")
"""A lone small letter at the start is also an option."""

_MARKED = r"(?:[(\[]\s*[A-J]\s*[)\]]|[A-J]\s*(?:\)|[.:](?!\w\.)))"
_ENDS = r"(?=\s*(?:[,;/&!]|$)|\s+(?i:because|since)\b)"
_OPTION = rf"(?:{_MARKED}|[A-J]{_ENDS})"
_RIGHT = r"(?=\s+(?i:is|are) (?i:the )?(?i:correct|right|best|answer)\b)"
_START = re.compile(rf"\s*(?:{_OPTION}|[A-J](?=\s+[-—]\s+\w\w)|[A-J]{_RIGHT})")
_NAMED = re.compile(
    rf"\b(?i:options?|choices?|answer)(?i:\s+is)?\s?:?\s?(?:{_OPTION}|\([a-j]\)|[A-J]{_RIGHT})"
)
_FURTHER = re.compile(
    rf"(?:[,;/&]|\b(?i:and|or)\b)\s*(?:{_OPTION}|[B-HJ](?![\w'’]|\s*[-=^_+*<>(])|A{_RIGHT})"
)
"""After an option: in a list, `A` and `I` may be words."""
_LETTER = re.compile(r"(?<![A-Za-z])[A-J](?![A-Za-z])")
_DENIES = re.compile(r"\b(?:not|no|nor|neither|never|cannot|wrong|incorrect)\b|n['’]t\b", re.I)
_IS = re.compile(r"\s*(?:is|are|was|can|does)\b", re.I)
_ABOUT_OTHERS = re.compile(r"[\s,]*(?:both|all|neither|because|since)\b", re.I)
"""After an option: `(D) Both (A) and (B)` is option D, which mentions others."""


def named_options(answer: Form) -> set[str]:
    """The letters of the options that an answer names: `C`, `(c)`, `C. 5`, `Option C is right`.

    Several for `(C) or (D)`. None if a sentence contains a negation: which option it refers to is
    not parsed.
    """
    if isinstance(answer, Choice):
        return {answer.letter}
    text = _FONT.sub("", answer.source).strip(" ^*")
    if _LOWER.match(text):
        text = text.upper()
    first = _START.match(text)
    if first is None or _IS.match(text, first.end()):
        if _DENIES.search(text):
            return set()
        first = first or _NAMED.search(text)
    if first is None:
        return set()
    if _ABOUT_OTHERS.match(text, first.end()):
        return set(_LETTER.findall(first[0].upper())[-1])
    found = [first[0], *_NAMED.findall(text), *_FURTHER.findall(text, first.end())]
    return {_LETTER.findall(option.upper())[-1] for option in found}


def has_words(answer: Form) -> bool:
    """Whether an answer has several words, which may name an option in a way not parsed here."""
    words = re.findall(r"[^\W\d_]+", re.sub(r"\\[a-zA-Z]+", "", answer.source))
    return len(words) > 1 and max(map(len, words)) > 2
