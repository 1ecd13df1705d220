"""Countdown: checks an expression that makes a target from given numbers by evaluating it.

The reference of such a problem is not an expression but the task, in the form of `countdown_gold`,
so that a results table can be graded again from its columns alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .expressions import MAX_CHARACTERS, UnreadableExpression, read_claim
from .statuses import Verdict

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

    In a chain of equalities the first expression counts, and all sides must make the target. Words
    after it may mention only the given numbers and the target.
    """
    try:
        claim = read_claim(answer)
    except UnreadableExpression as error:
        return Verdict("unparseable", str(error))
    except ZeroDivisionError:
        return Verdict("incorrect", "it divides by zero")
    result = claim.expression
    used, given = Counter(result.numbers), Counter(gold.numbers)
    if extra := used - given:
        return Verdict("incorrect", f"{_listed(extra)} not given, or used too often")
    if gold.use_all and (left := given - used):
        return Verdict("incorrect", f"{_listed(left)} not used")
    if result.value != gold.target:
        return Verdict("incorrect", f"it makes {result.value}, not {gold.target}")
    if wrong := [value for value in claim.sides if value != gold.target]:
        return Verdict("incorrect", f"it says that it makes {wrong[0]}, not {gold.target}")
    if others := set(claim.mentioned) - {*gold.numbers, abs(gold.target)}:
        return Verdict("unparseable", f"the words behind it speak of {min(others)}")
    return Verdict("correct")


def same_expression(one: str, other: str) -> bool:
    """Whether two answers use the same numbers, equally often, and give the same value.

    An unreadable answer equals only its own text.
    """
    if one == other:
        return True
    try:
        first, second = (read_claim(text).expression for text in (one, other))
    except (UnreadableExpression, ZeroDivisionError):
        return False
    return first.value == second.value and Counter(first.numbers) == Counter(second.numbers)


def _listed(numbers: Counter[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers.elements()))
