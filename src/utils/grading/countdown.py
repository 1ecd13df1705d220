"""Countdown: an expression that makes a target from given numbers, checked by working it out.

The reference of such a problem is no expression but the task, in the words of `countdown_gold`, so
that a results table can be graded again from its columns alone. Nothing is evaluated as code: a
parser of bounded size and depth reads + − × ÷ and brackets, and exact fractions do the rest.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .statuses import Verdict

MAX_CHARACTERS, MAX_DEPTH = 300, 30
MAX_DIGITS = 12

_GOLD = re.compile(
    r"countdown: (?P<use>numbers|all of) (?P<numbers>\d+(?:, \d+)*); target (?P<target>-?\d+)"
)


@dataclass(frozen=True)
class CountdownGold:
    """The task: make `target` from `numbers`, using each at most once, or exactly once."""

    numbers: tuple[int, ...]
    target: int
    use_all: bool


def countdown_gold(numbers: Sequence[int], target: int, use_all: bool) -> str:
    """The task as a reference answer: `countdown: all of 3, 5, 7; target 22`."""
    use = "all of" if use_all else "numbers"
    return f"countdown: {use} {', '.join(map(str, numbers))}; target {target}"


def read_countdown_gold(text: str) -> CountdownGold | None:
    """What `countdown_gold` wrote; None for any other reference."""
    found = _GOLD.fullmatch(text.strip())
    if found is None or len(text) > MAX_CHARACTERS:
        return None
    numbers = tuple(int(number) for number in found["numbers"].split(", "))
    return CountdownGold(numbers, int(found["target"]), found["use"] == "all of")


def check_expression(gold: CountdownGold, answer: str) -> Verdict:
    """Whether an expression makes the target from the numbers; the detail says what is wrong.

    `(7 - 5) \\times 12`, `12 × 2 = 24` and `\\frac{24}{2}` are read. In a chain of equalities the
    first expression counts, and all sides must make the target.
    """
    try:
        expression, equal = _sides(answer)
        result = _Parser(expression).read()
        said = [_Parser(side).read().value for side in equal]
    except _Unreadable as error:
        return Verdict("unparseable", str(error))
    except ZeroDivisionError:
        return Verdict("incorrect", "it divides by zero")
    used, given = Counter(result.numbers), Counter(gold.numbers)
    if extra := used - given:
        return Verdict("incorrect", f"{_listed(extra)} not given, or used too often")
    if gold.use_all and (left := given - used):
        return Verdict("incorrect", f"{_listed(left)} not used")
    if result.value != gold.target:
        return Verdict("incorrect", f"it makes {result.value}, not {gold.target}")
    if wrong := [value for value in said if value != gold.target]:
        return Verdict("incorrect", f"it says that it makes {wrong[0]}, not {gold.target}")
    return Verdict("correct")


def same_expression(one: str, other: str) -> bool:
    """Whether two answers use the same numbers, as often, and make the same of them.

    What cannot be read is the same as its own text alone.
    """
    if one == other:
        return True
    try:
        first, second = (_Parser(_sides(text)[0]).read() for text in (one, other))
    except (_Unreadable, ZeroDivisionError):
        return False
    return first.value == second.value and Counter(first.numbers) == Counter(second.numbers)


class _Unreadable(Exception):  # noqa: N818  it is a finding, not an error
    pass


@dataclass(frozen=True)
class _Value:
    value: Fraction
    numbers: tuple[int, ...]


def _listed(numbers: Counter[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers.elements()))


_REWRITES = (
    (r"\\left|\\right|\\[()\[\],;:! ]|\$|\\displaystyle", ""),
    (r"\\(?:text|math)[a-z]*(?=\s*\{)|\\q?quad", " "),
    (r"\{\s*\}", " "),
    (r"\\[dt]frac", r"\\frac"),
    (r"\\times|\\cdot|×|·|∗|\\ast|(?<=[\d)}\]])\s*[xX]\s*(?=[\d({\[])", "*"),
    (r"\\div|÷|∕", "/"),
    (r"[−–]", "-"),
    (r"\[", "("),
    (r"\]", ")"),
)
_MARKED = re.compile(r"(\*\*|`+)(.*)\1", re.DOTALL)
_LEAD = re.compile(
    r"(?:\b(?:so|the|one|an?|final|possible|valid|expression|answer|solution|way|is)\b[\s,:]*)+",
    re.IGNORECASE,
)
"""What may lead to the expression: `The expression is`, `One way is:`."""


def _sides(answer: str) -> tuple[str, list[str]]:
    """The expression, and what it is said to equal."""
    if len(answer) > MAX_CHARACTERS:
        raise _Unreadable(f"{len(answer)} characters, more than {MAX_CHARACTERS}")
    text = answer.strip().rstrip(".")
    if lead := _LEAD.match(text):
        text = text[lead.end() :]
    if marked := _MARKED.fullmatch(text):
        text = marked[2].strip().rstrip(".")
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text)
    sides = [side.strip() for side in text.split("=")]
    # `24 = 12 * 2` is the same claim as `12 * 2 = 24`.
    first = next((side for side in sides if not re.fullmatch(r"-?\d{1,12}", side)), sides[0])
    sides.remove(first)
    return first, sides


class _Parser:
    """Recursive descent: sums of products of numbers, brackets and fractions."""

    def __init__(self, text: str) -> None:
        self.tokens = re.findall(r"\d+|\\frac|\S", text)
        self.place = 0

    def read(self) -> _Value:
        value = self._sum(0)
        if self.place < len(self.tokens):
            raise _Unreadable(f"expected an operator, found {self._next()!r}")
        return value

    def _next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _take(self, token: str) -> None:
        if self._next() != token:
            raise _Unreadable(f"expected {token!r}, found {self._next()!r}")
        self.place += 1

    def _sum(self, depth: int) -> _Value:
        if depth > MAX_DEPTH:
            raise _Unreadable("nested too deeply")
        negative = self._next() == "-"
        self.place += negative
        total = self._product(depth)
        if negative:
            total = _Value(-total.value, total.numbers)
        while self._next() in ("+", "-"):
            sign = 1 if self._next() == "+" else -1
            self.place += 1
            other = self._product(depth)
            total = _Value(total.value + sign * other.value, total.numbers + other.numbers)
        return total

    def _product(self, depth: int) -> _Value:
        total = self._factor(depth)
        while self._next() in ("*", "/") or self._next() in ("(", "\\frac"):
            operator = self._next()
            # `2(3)` is a product without its sign.
            self.place += operator in ("*", "/")
            other = self._factor(depth)
            value = total.value / other.value if operator == "/" else total.value * other.value
            total = _Value(value, total.numbers + other.numbers)
        return total

    def _factor(self, depth: int) -> _Value:
        token = self._next()
        if token.isdecimal():
            if len(token) > MAX_DIGITS:
                raise _Unreadable(f"a number of {len(token)} digits")
            self.place += 1
            return _Value(Fraction(int(token)), (int(token),))
        if token == "\\frac":
            self.place += 1
            top, bottom = (self._bracketed("{", "}", depth) for _ in range(2))
            return _Value(top.value / bottom.value, top.numbers + bottom.numbers)
        if token == "(":
            return self._bracketed("(", ")", depth)
        if token == "{":
            return self._bracketed("{", "}", depth)
        raise _Unreadable(f"expected a number or a bracket, found {token!r}")

    def _bracketed(self, opening: str, closing: str, depth: int) -> _Value:
        self._take(opening)
        inner = self._sum(depth + 1)
        self._take(closing)
        return inner
