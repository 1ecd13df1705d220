"""Decides when two answers are the same, by the rules of their types.

Whether two expressions are equal is a question for `algebra`. In the caller's process it is passed
to a worker (a model's formulas can be hostile); everything decided before needs no worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from .answer_reading import read_answer
from .answer_types import (
    Ambiguous,
    AnswerValue,
    Braced,
    Bracketed,
    Exact,
    Grid,
    Listing,
    Named,
    Plain,
    Quantity,
    Ratio,
    Reals,
    Relation,
    Residue,
)
from .lexing import Unreadable, lex
from .options import has_words, named_options
from .real_sets import as_reals
from .statuses import Verdict
from .trees import Letter, Rational, Tree, multiply, number, subtract

UpTo = Literal["nothing", "factor", "positive factor"]


class Algebra(Protocol):
    """Whether two expressions are equal, up to a constant factor if asked. Raises Unreadable."""

    def __call__(self, one: Tree, other: Tree, up_to: UpTo = "nothing", /) -> bool: ...


def decide(gold: str, answer: str, algebra: Algebra) -> Verdict:
    """The verdict on one answer. Other exceptions of `algebra` pass through."""
    (reference, reason), (given, finding) = _reading(gold), _reading(answer)
    if _is_choice(reference) != _is_choice(given):
        choice, text = (reference, answer) if _is_choice(reference) else (given, gold)
        named = named_options(text)
        if isinstance(choice, Exact) and (named or not has_words(text)):
            return Verdict("correct" if named == {choice.text} else "incorrect")
        finding = "it names no option"
    elif reference is not None and given is not None:
        try:
            reference, given = _unpacked(reference, given), _unpacked(given, reference)
            return Verdict("correct" if same(reference, given, algebra) else "incorrect")
        except (Unreadable, RecursionError) as error:
            return Verdict("unparseable", _said(error))
    elif _same_tokens(gold, answer):
        return Verdict("correct")
    return Verdict("unparseable", finding) if reference else Verdict("gold_unparseable", reason)


def _reading(text: str) -> tuple[AnswerValue | None, str]:
    """The value, or why there is none."""
    try:
        return read_answer(text), ""
    except (Unreadable, RecursionError) as finding:
        return None, _said(finding)


def _said(finding: Exception) -> str:
    return "nested too deeply" if isinstance(finding, RecursionError) else str(finding)


def _is_choice(value: AnswerValue | None) -> bool:
    return isinstance(value, Exact) and value.kind == "choice"


def _same_tokens(one: str, other: str) -> bool:
    """Whether two answers that nobody understands are the same text."""
    try:
        return [token.text for token in lex(one)] == [token.text for token in lex(other)]
    except Unreadable:
        return one.split() == other.split()


def _unpacked(one: AnswerValue, other: AnswerValue) -> AnswerValue:
    """The only element of a set, compared with a value that is no set: `\\{5\\}` and `x = 5`."""
    match one, other:
        case Braced((item,)), (Plain() | Quantity() | Named(_, Plain() | Quantity())):
            return item
    return one


def same(one: AnswerValue, other: AnswerValue, algebra: Algebra) -> bool:
    """Whether two values are the same, in either order.

    Raises Unreadable for a sentence, whose meaning nobody knows, beside another value.
    """
    if one == other:
        return True
    found = _same(one, other, algebra)
    if found is None:
        found = _same(other, one, algebra)
    if found is None and any(
        isinstance(it, Exact) and it.kind == "sentence" for it in (one, other)
    ):
        raise Unreadable("a sentence, not a value")
    return bool(found)


def _same(one: AnswerValue, other: AnswerValue, algebra: Algebra) -> bool | None:
    """None where no rule is for these types in this order."""
    match one, other:
        case Ambiguous(readings), _:
            return any(same(reading, other, algebra) for reading in readings)
        case _, Ambiguous():
            return None
        case Named(), Named():
            return _same_named(one, other, algebra)
        case Named(_, Plain(tree), Letter() as name), Relation(difference, "="):
            return algebra(subtract(name, tree), difference, "factor")
        case Named(), Relation():
            return False
        case Named(), Listing(items) if len(_names(items)) == len(items) and _coordinates(one):
            return _same_lists(_coordinates(one), items, False, False, algebra)
        case Named(_, value), _:
            return same(value, other, algebra) and _holds_between(one, algebra)
        case Plain(tree), Plain(other_tree):
            return _equal(tree, other_tree, algebra)
        case Plain(tree), Quantity(other_tree, composed=composed):
            return not composed and _equal(tree, other_tree, algebra)
        case Quantity(), Quantity():
            return _same_quantities(one, other, algebra)
        case Residue(Rational(value), modulus), Residue(Rational(other_value), other_modulus):
            return modulus == other_modulus > 0 and (value - other_value) % modulus == 0
        case Residue(Rational(value), modulus), Plain(Rational(other_value)):
            return value == other_value and 0 <= value < modulus
        case Ratio(), Ratio():
            return _same_ratios(one, other, algebra)
        case Ratio((first, second), exact=False), Plain(tree):
            return _equal(first, multiply(tree, second), algebra)
        case ((Listing(items) | Braced(items)), (Listing(others) | Braced(others))):
            ordered = any(isinstance(it, Listing) and it.is_sequence for it in (one, other))
            is_set = any(isinstance(it, Braced) for it in (one, other))
            return _same_lists(items, others, ordered, is_set, algebra)
        case Listing(items), Bracketed("()", others) if _are_coordinates(items):
            named = sorted(items, key=lambda item: item.name if isinstance(item, Named) else "")
            return _all_same(named, others, algebra)
        case Bracketed(brackets, items), Bracketed(other_brackets, others):
            return brackets == other_brackets and _all_same(items, others, algebra)
        case Reals(spans, name), (Reals() | Bracketed() | Braced()):
            reals = as_reals(other)
            fits = reals is not None and not (name and reals.name and name != reals.name)
            return fits and reals is not None and _same_reals(Reals(spans), reals, algebra)
        case Relation(difference, sign), Relation(other_difference, other_sign):
            up_to: UpTo = "factor" if sign in "=≠" else "positive factor"
            return sign == other_sign and algebra(difference, other_difference, up_to)
        case Grid(kind, rows), Grid(other_kind, others) if kind == other_kind:
            pairs = [*zip(rows, others, strict=False)]
            fits = len(rows) == len(others)
            return fits and all(_all_same(row, partner, algebra) for row, partner in pairs)
        case Exact("choice", letter), Plain(Letter(name)):
            return letter == name.upper()
        case Exact("time", minutes), Ratio((Rational(hour), Rational(minute)), exact=True):
            return hour > 12 and int(minutes) == hour * 60 + minute
        case Exact(), Exact():
            return False
    return None


def _equal(one: Tree, other: Tree, algebra: Algebra) -> bool:
    if one == other or (isinstance(one, Rational) and isinstance(other, Rational)):
        return one == other
    return algebra(one, other)


def _all_same(one: Sequence[AnswerValue], other: Sequence[AnswerValue], algebra: Algebra) -> bool:
    return len(one) == len(other) and all(
        same(item, partner, algebra) for item, partner in zip(one, other, strict=True)
    )


def _holds_between(named: Named, algebra: Algebra) -> bool:
    return all(
        isinstance(named.value, Plain) and _equal(tree, named.value.tree, algebra)
        for tree in named.between
    )


def _same_named(one: Named, other: Named, algebra: Algebra) -> bool:
    """Names that differ are the same only as equations: `y = 2x` and `x = y/2`."""
    if one.name == other.name:
        return (
            isinstance(one.value, Residue) == isinstance(other.value, Residue)
            and same(one.value, other.value, algebra)
            and _holds_between(one, algebra)
            and _holds_between(other, algebra)
        )
    if _coordinates(one) and _coordinates(other):
        return _same_lists(_coordinates(one), _coordinates(other), False, False, algebra)
    trees = [
        subtract(named.tree, named.value.tree)
        for named in (one, other)
        if named.tree is not None and isinstance(named.value, Plain) and not named.between
    ]
    return len(trees) == 2 and algebra(trees[0], trees[1], "factor")


def _are_coordinates(items: Sequence[AnswerValue]) -> bool:
    """`x=1, y=2`, but not `f(1)=2, f(2)=5`."""
    names = _names(items)
    return len(names) == len(items) and not any("(" in name for name in names)


def _coordinates(named: Named) -> list[AnswerValue]:
    """`(x,y)=(1,2)` as `x=1`, `y=2`; nothing for any other name."""
    names = named.name.removeprefix("(").removesuffix(")").split(",")
    if len(names) < 2 or not isinstance(named.value, Bracketed):
        return []
    pairs = zip(names, named.value.items, strict=False)
    return (
        [Named(name, item) for name, item in pairs] if len(names) == len(named.value.items) else []
    )


def _same_quantities(one: Quantity, other: Quantity, algebra: Algebra) -> bool:
    if one.measure and other.measure:
        return one.measure.dimensions == other.measure.dimensions and _equal(
            multiply(one.tree, number(one.measure.scale)),
            multiply(other.tree, number(other.measure.scale)),
            algebra,
        )
    nouns = [
        [word.removesuffix("s") for word in side.noun.split()]
        for side in (one, other)
        if side.noun or side.measure
    ]
    fits = not (one.composed or other.composed) and (len(nouns) < 2 or nouns[0] == nouns[1])
    return fits and _equal(one.tree, other.tree, algebra)


def _same_ratios(one: Ratio, other: Ratio, algebra: Algebra) -> bool:
    if len(one.parts) != len(other.parts) or one.exact or other.exact:
        return one.parts == other.parts
    first, last = one.parts[0], other.parts[0]
    return all(
        _equal(multiply(part, last), multiply(partner, first), algebra)
        for part, partner in zip(one.parts, other.parts, strict=True)
    )


def _same_lists(
    one: Sequence[AnswerValue],
    other: Sequence[AnswerValue],
    ordered: bool,
    is_set: bool,
    algebra: Algebra,
) -> bool:
    """Each element has its partner.

    `x=1, y=2` names its values, so there the order counts if the other side names none, and it is
    no set.
    """
    names = _names(one), _names(other)
    if is_set and len(names[0] | names[1]) > 1:
        return False
    if ordered or (len(names[0] | names[1]) > 1 and not all(names)):
        return _all_same(one, other, algebra)
    left = list(other)
    for item in one:
        partner = next((place for place, it in enumerate(left) if same(item, it, algebra)), None)
        if partner is None:
            return False
        left.pop(partner)
    return not left


def _names(items: Sequence[AnswerValue]) -> set[str]:
    return {item.name for item in items if isinstance(item, Named)}


def _same_reals(one: Reals, other: Reals, algebra: Algebra) -> bool:
    return len(one.spans) == len(other.spans) and all(
        (span.with_low, span.with_high) == (partner.with_low, partner.with_high)
        and _equal(span.low, partner.low, algebra)
        and _equal(span.high, partner.high, algebra)
        for span, partner in zip(one.spans, other.spans, strict=True)
    )
