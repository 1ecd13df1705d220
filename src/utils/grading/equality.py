"""Decides when two answers are the same, piece by piece, without an algebra system.

If both are formulas, `symbolic` decides. In the caller's process that question is passed to a
worker (a model's formulas can be hostile); everything decided before it needs no worker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

from .form_reading import is_equation, is_prose, is_range, measured, read_form, words_of
from .forms import (
    Assigned,
    Based,
    Choice,
    Form,
    Formula,
    Number,
    Ordered,
    Union,
    Unordered,
    Words,
    has_words,
    named_options,
)
from .statuses import Verdict
from .units import in_base, ratio

Symbolic = Callable[[str, str], bool]
"""(gold LaTeX, answer LaTeX) -> whether they are equal. Raises Unreadable."""


_TEXT_START = re.compile(r"\s*\\text\{\s*")


class Unreadable(Exception):  # noqa: N818  it is a finding, not an error
    """The algebra system cannot parse a formula; `status` says on which side."""

    def __init__(self, status: Literal["unparseable", "gold_unparseable"], detail: str) -> None:
        super().__init__(detail)
        self.status: Literal["unparseable", "gold_unparseable"] = status


def decide(gold: str, answer: str, symbolic: Symbolic) -> Verdict:
    """The verdict on one answer. Other exceptions of `symbolic` pass through."""
    try:
        gold_form, answer_form = read_form(gold), read_form(answer)
        if gold_form.source and _plain(gold_form) == _plain(answer_form):
            return Verdict("correct")
        if _same(gold_form, answer_form, symbolic):
            return Verdict("correct")
        if is_prose(answer_form) and not isinstance(gold_form, Choice):
            return Verdict("unparseable", "prose, not a formula")
        return Verdict("incorrect")
    except Unreadable as finding:
        return Verdict(finding.status, str(finding))
    except RecursionError:
        return Verdict("unparseable", "nested too deeply")


def _plain(form: Form) -> str:
    return _TEXT_START.sub(r"\\text{", form.source)


def _same(gold: Form, answer: Form, symbolic: Symbolic) -> bool:
    match gold, answer:
        case Assigned(), Assigned():
            if gold.name == answer.name:
                return _same(gold.value, answer.value, symbolic)
            # Names differ: the same only as equations, `y = 2x` and `x = y/2`.
            values = (gold.value, answer.value)
            return all(isinstance(value, Number | Formula) for value in values) and (
                symbolic(gold.source, answer.source)
            )
        case (Assigned(), _) | (_, Assigned()) if is_equation(gold) or is_equation(answer):
            return symbolic(gold.source, answer.source)
        case Assigned(), _:
            return not gold.is_named_sum and _same(gold.value, answer, symbolic)
        case _, Assigned():
            return _same(gold, answer.value, symbolic)
        case Choice(), _:
            named = named_options(answer)
            if not named and has_words(answer):
                raise Unreadable("unparseable", "it names no option")
            return named == {gold.letter}
        case Number(), (Formula() | Words()) if number := measured(answer):
            return _same(gold, number, symbolic)
        case ((Formula() | Words()), Number()) if number := measured(gold):
            return _same(number, answer, symbolic)
        case (Words(), _) | (_, Words()):
            return bool(words_of(gold)) and words_of(gold) == words_of(answer)
        # One value in several ways, `1/2 or 0.5`.
        case Number(), Unordered() if all(isinstance(item, Number) for item in answer.items):
            return all(_same(gold, item, symbolic) for item in answer.items)
        case Based(), Based():
            return (gold.digits, gold.base) == (answer.digits, answer.base)
        # `x=1, y=2` names the coordinates of (1, 2): their order is that of the names.
        case Ordered(), Unordered() if gold.opening + gold.closing == "()" and _all_named(answer):
            return _all_same(gold.items, _by_name(answer), symbolic)
        case Unordered(), Ordered() if answer.opening + answer.closing == "()" and _all_named(gold):
            return _all_same(_by_name(gold), answer.items, symbolic)
        case Ordered(), Ordered():
            return (gold.opening, gold.closing) == (answer.opening, answer.closing) and (
                _all_same(gold.items, answer.items, symbolic)
            )
        case ((Unordered() | Union()), (Unordered() | Union())):
            return _same_collections(gold, answer, symbolic)
        case Number(), Number():
            if gold.unit and answer.unit:
                return in_base(gold.value, gold.unit) == in_base(answer.value, answer.unit)
            return gold.value == answer.value
        case ((Number() | Formula()), (Number() | Formula())):
            # An equation is no value, and `x > 2` no number: `2x = 6` is not the answer 6.
            if is_equation(gold) != is_equation(answer) or is_range(gold) != is_range(answer):
                return False
            factor = ratio(gold.unit, answer.unit)
            return factor is not None and symbolic(_latex(gold), _latex(answer, factor))
    return is_range(gold) and is_range(answer) and symbolic(gold.source, answer.source)


def _same_collections(
    gold: Unordered | Union, answer: Unordered | Union, symbolic: Symbolic
) -> bool:
    """Each element of one has its partner in the other.

    `x=1, y=2` names its values, so there the order counts if the other side names none.
    """
    named = _names(gold.items) or _names(answer.items)
    if len(named) > 1 and not (_names(gold.items) and _names(answer.items)):
        return _all_same(gold.items, answer.items, symbolic)
    if type(gold) is not type(answer) and not all(map(is_range, gold.items + answer.items)):
        return False
    if len(gold.items) != len(answer.items):
        return False
    left = list(answer.items)
    for item in gold.items:
        partner = next((other for other in left if _same(item, other, symbolic)), None)
        if partner is None:
            return False
        left.remove(partner)
    return True


def _all_same(gold: Sequence[Form], answer: Sequence[Form], symbolic: Symbolic) -> bool:
    return len(gold) == len(answer) and all(
        _same(one, other, symbolic) for one, other in zip(gold, answer, strict=True)
    )


def _names(items: Sequence[Form]) -> set[str]:
    return {item.name for item in items if isinstance(item, Assigned)}


def _all_named(form: Unordered) -> bool:
    return len(_names(form.items)) == len(form.items)


def _by_name(form: Unordered) -> list[Form]:
    named = [item for item in form.items if isinstance(item, Assigned)]
    return [item.value for item in sorted(named, key=lambda item: item.name)]


def _latex(form: Number | Formula, factor: Fraction = Fraction(1)) -> str:
    value = form.value * factor if isinstance(form, Number) else factor
    written = rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    if isinstance(form, Formula):
        return form.latex if factor == 1 else rf"{written} \cdot ({form.latex})"
    return written
