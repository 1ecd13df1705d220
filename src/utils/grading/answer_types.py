"""What an answer may be: a small set of typed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .trees import Tree
from .units import Measure


@dataclass(frozen=True)
class Plain:
    """A number or an expression."""

    tree: Tree


@dataclass(frozen=True)
class Quantity:
    """A number or an expression with its unit, or with the name of what is counted.

    `composed`: of several units, `5 ft 6 in`, so that its number alone says nothing.
    """

    tree: Tree
    measure: Measure | None = None
    noun: str = ""
    composed: bool = False


@dataclass(frozen=True)
class Residue:
    """`7 \\pmod{10}`."""

    tree: Tree
    modulus: int


@dataclass(frozen=True)
class Exact:
    """What is the same only as itself, in its normal form.

    A name or a few words (a sentence is one of which nobody can tell what it says), a date, a time
    in minutes after midnight, digits in a base other than ten, a set such as ℤ, and a capital
    letter alone, which is a choice or a name.
    """

    kind: Literal["words", "sentence", "date", "time", "based", "set", "choice"]
    text: str


@dataclass(frozen=True)
class Ratio:
    """`2:3:5`, up to a factor; `exact` ones may be a time of day, or have an ellipsis."""

    parts: tuple[Tree, ...]
    exact: bool = False


@dataclass(frozen=True)
class Listing:
    """Values side by side: in any order, except those of a sequence (`1, 2, …`)."""

    items: tuple[AnswerValue, ...]
    is_sequence: bool = False


@dataclass(frozen=True)
class Braced:
    """A set by its elements, each once; without any, the empty set."""

    items: tuple[AnswerValue, ...]


@dataclass(frozen=True)
class Bracketed:
    """A tuple, a vector or an interval, which has two items. `brackets`: `()`, `[)` and so on."""

    brackets: str
    items: tuple[AnswerValue, ...]


@dataclass(frozen=True)
class Grid:
    """A matrix, or a function by cases, by rows. `kind` tells matrices from determinants."""

    kind: str
    rows: tuple[tuple[AnswerValue, ...], ...]


@dataclass(frozen=True)
class Span:
    """An interval of real numbers; a point is closed on both sides."""

    low: Tree
    high: Tree
    with_low: bool
    with_high: bool


@dataclass(frozen=True)
class Reals:
    """A set of real numbers, as disjoint intervals in their order. `name`: of the variable."""

    spans: tuple[Span, ...]
    name: str = ""


@dataclass(frozen=True)
class Named:
    """`x = 5`, `f(x) = 2x`: a value and its name.

    `tree` is the name as an expression, if it is one; `between` are other forms of the value,
    `f(x) = (x+1)^2 = x^2+2x+1`.
    """

    name: str
    value: AnswerValue
    tree: Tree | None = None
    between: tuple[Tree, ...] = ()


@dataclass(frozen=True)
class Relation:
    """An equation or inequality `difference sign 0`; the sign is one of `=<≤≠`."""

    difference: Tree
    sign: str


@dataclass(frozen=True)
class Ambiguous:
    """Two usual readings: `25 m` is a length and a product."""

    readings: tuple[AnswerValue, ...]


Numeric = Plain | Quantity
_Collection = Listing | Braced | Bracketed | Grid | Reals
AnswerValue = Numeric | Residue | Exact | Ratio | _Collection | Named | Relation | Ambiguous
