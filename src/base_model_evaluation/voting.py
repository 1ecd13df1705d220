"""Which answer most samples give, by mathematical equality."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..utils.grading import grade_many

TIMEOUT_S = 2.0
"""Seconds for one comparison; answers that take longer count as different."""


def majority(answers: Sequence[str]) -> str:
    """The answer that most of `answers` equal, in the form most of them give it; "" without any.

    Empty answers have no vote. Of answers with as many votes the one that came first counts.
    """
    times = Counter(answer for answer in answers if answer)  # in the order of their first place
    classes = list[list[str]]()
    for answer in times:
        found = _class_of(answer, classes)
        if found is None:
            classes.append([answer])
        else:
            found.append(answer)
    if not classes:
        return ""
    largest = max(classes, key=lambda forms: sum(times[form] for form in forms))
    return max(largest, key=lambda form: times[form])


def _class_of(answer: str, classes: Sequence[list[str]]) -> list[str] | None:
    """The first class whose first answer equals `answer`, whichever of the two is the reference."""
    pairs = [pair for forms in classes for pair in ((forms[0], answer), (answer, forms[0]))]
    grades = iter(grade_many(pairs, timeout_s=TIMEOUT_S))
    # Two grades a class: all of them are taken, so that the places agree.
    equal = [next(grades).correct | next(grades).correct for _ in classes]
    return next((forms for forms, same in zip(classes, equal, strict=True) if same), None)
