"""Which answer most samples give, by mathematical equality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..utils.grading import grade_many

TIMEOUT_S = 2.0
"""CPU seconds for one comparison; answers that take longer count as different."""
BUDGET_S = 20.0
"""CPU seconds for all comparisons of a vote; answers not compared by then count as different. CPU
time, so that no vote depends on the load of the machine."""

Equal = Callable[[str, str], bool]
"""Whether two answers are the same."""


class Vote(NamedTuple):
    """`answer` is "" without any votes. It leads any other answer by `lead` votes or more: counting
    may stop early."""

    answer: str
    lead: int


class _Class(NamedTuple):
    """Equal answers with their votes; the first is the one that others are compared with."""

    forms: dict[str, int]

    @property
    def votes(self) -> int:
        return sum(self.forms.values())


class EqualAnswers:
    """Whether the grader finds answers equal, with either as the reference; for one vote."""

    def __init__(self, budget_s: float = BUDGET_S) -> None:
        self._left = budget_s

    def __call__(self, one: str, other: str) -> bool:
        for pair in ((one, other), (other, one)):
            if self._left <= 0:
                return False
            (found,) = grade_many([pair], timeout_s=min(TIMEOUT_S, self._left))
            self._left -= found.seconds
            if found.correct:
                return True
        return False


def majority(
    answers: Sequence[str],
    equal: Equal | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Vote:
    """The answer that most of `answers` equal, in its most frequent form.

    Empty answers have no vote. A tie goes to the answer that came first. Counting ends early once
    no other answer can win, and as soon as `is_over`.
    """
    equal = equal or EqualAnswers()
    times = Counter(answer for answer in answers if answer)  # in the order of first occurrence
    left = times.total()
    classes = list[_Class]()

    def same_class(answer: str) -> _Class | None:
        for found in classes:
            if is_over():
                return None
            if equal(next(iter(found.forms)), answer):
                return found
        return None

    for answer, votes in times.items():
        if is_over() or _lead(classes) > left:
            break
        found = same_class(answer)
        if found is None:
            classes.append(_Class({answer: votes}))
        else:
            found.forms[answer] = votes
        left -= votes
    if not classes:
        return Vote("", 0)
    forms = max(classes, key=lambda one: one.votes).forms
    return Vote(max(forms, key=lambda form: forms[form]), max(0, _lead(classes) - left))


def _lead(classes: Sequence[_Class]) -> int:
    first, second, *_ = [*sorted((one.votes for one in classes), reverse=True), 0, 0]
    return first - second
