"""What kind of thing an answer is: a number, a list, an interval, a word, a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Form:
    """An answer as read; `source` is its tidied LaTeX."""

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
    """Text that is no mathematics, lower case, without punctuation."""

    text: str


@dataclass(frozen=True)
class Ordered(Form):
    """A tuple, a vector or an interval: which of them it is, its brackets say."""

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
    """What is left: mathematics for the algebra system. `latex` is the source without its unit."""

    latex: str
    unit: str = ""
