"""Decides when two answers are the same, by the rules of their types.

Whether two expressions are equal is a question for `algebra`. In the caller's process it is passed
to a worker (a model's formulas can be hostile); everything decided before needs no worker.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, Protocol

from .answer_reading import read_answer
from .lexing import Unreadable, lex
from .options import has_words, named_options
from .statuses import Verdict
from .trees import Rational, Tree, Variable, multiply, number, subtract
from .units import Measure
from .values import (
    Ambiguous,
    Based,
    Braced,
    Bracketed,
    CalendarDay,
    Choice,
    Clock,
    Grid,
    Listing,
    Named,
    NamedSet,
    Plain,
    Quantity,
    Ratio,
    Reals,
    Relation,
    Residue,
    Value,
    Words,
    as_reals,
)

UpTo = Literal["nothing", "factor", "positive factor"]


class Algebra(Protocol):
    """Whether two expressions are equal, up to a constant factor if asked. Raises Unreadable."""

    def __call__(self, one: Tree, other: Tree, up_to: UpTo = "nothing", /) -> bool: ...


class NotComparable(Exception):  # noqa: N818  it is a finding, not an error
    """Two answers that no rule here compares."""


def decide(gold: str, answer: str, algebra: Algebra) -> Verdict:
    """The verdict on one answer. Other exceptions of `algebra` pass through."""
    try:
        reference, reason = read_answer(gold), ""
    except (Unreadable, RecursionError) as finding:
        reference, reason = None, _reason(finding)
    try:
        given = read_answer(answer)
    except (Unreadable, RecursionError) as finding:
        if isinstance(reference, Choice):
            return _chosen(reference, answer)
        if _same_tokens(gold, answer):
            return Verdict("correct")
        if reference is None:
            return Verdict("gold_unparseable", reason)
        return Verdict("unparseable", _reason(finding))
    if reference is None:
        if isinstance(given, Choice) and named_options(gold) == {given.letter}:
            return Verdict("correct")
        return Verdict("gold_unparseable", reason)
    try:
        if isinstance(reference, Choice) and not isinstance(given, Choice):
            return _chosen(reference, answer)
        if isinstance(given, Choice) and not isinstance(reference, Choice):
            return _chosen(given, gold)
        reference, given = _unpacked(reference, given), _unpacked(given, reference)
        return Verdict("correct" if same(reference, given, algebra) else "incorrect")
    except (NotComparable, Unreadable, RecursionError) as finding:
        return Verdict("unparseable", _reason(finding))


def _unpacked(one: Value, other: Value) -> Value:
    """The only element of a set, compared with a value that is no set: `\\{5\\}` and `x = 5`."""
    match one, other:
        case Braced((item,)), (Plain() | Quantity() | Named(_, Plain() | Quantity())):
            return item
    return one


def _same_tokens(one: str, other: str) -> bool:
    """Whether two answers that nobody understands are the same text."""
    if one.split() == other.split():
        return True
    try:
        return [token.text for token in lex(one)] == [token.text for token in lex(other)]
    except Unreadable:
        return False


def _reason(finding: Exception) -> str:
    return "nested too deeply" if isinstance(finding, RecursionError) else str(finding)


def _chosen(choice: Choice, answer: str) -> Verdict:
    """Whether an answer in other words names an option, and no other one."""
    named = named_options(answer)
    if not named and has_words(answer):
        return Verdict("unparseable", "it names no option")
    return Verdict("correct" if named == {choice.letter} else "incorrect")


def same(one: Value, other: Value, algebra: Algebra) -> bool:
    """Whether two values are the same, in either order. Raises NotComparable."""
    if one == other:
        return True
    found = _same(one, other, algebra)
    if found is None:
        found = _same(other, one, algebra)
    if found is None and _is_sentence(one, other):
        raise NotComparable("a sentence, not a value")
    return bool(found)


def _is_sentence(*values: Value) -> bool:
    return any(isinstance(value, Words) and value.is_sentence for value in values)


def _same(one: Value, other: Value, algebra: Algebra) -> bool | None:
    """None where no rule is for these types in this order."""
    match one, other:
        case Ambiguous(readings), _:
            return any(same(reading, other, algebra) for reading in readings)
        case (_, Ambiguous()):
            return None
        case Named(), Named():
            return _same_named(one, other, algebra)
        case Named(_, value), Relation(difference, "="):
            if one.tree is None or not isinstance(value, Plain):
                return False
            return algebra(subtract(one.tree, value.tree), difference, "factor")
        case Named(), _ if _is_positional(one, other):
            return None
        case Named(_, value), _:
            return same(value, other, algebra) and _between(one, algebra)
        case Plain(tree), Plain(other_tree):
            return _equal(tree, other_tree, algebra)
        case Plain(tree), Quantity(other_tree, composed=composed):
            return not composed and _equal(tree, other_tree, algebra)
        case Quantity(), Quantity():
            return _same_quantities(one, other, algebra)
        case Residue(tree, modulus), Residue(other_tree, other_modulus):
            return modulus == other_modulus and _same_residues(tree, other_tree, modulus)
        case Residue(Rational(value), modulus), Plain(Rational(other_value)):
            return value == other_value and 0 <= value < modulus
        case Ratio(), Ratio():
            return _same_ratios(one, other, algebra)
        case Ratio((first, second), exact=False), Plain(tree):
            return algebra(first, multiply(tree, second))
        case (Listing(), (Listing() | Braced())) | (Braced(), Braced()):
            return _same_lists(one, other, algebra)
        case Listing(items), Bracketed("(", others, ")") if _all_named(items):
            return _all_same(_by_name(items), others, algebra)
        case Reals(), Reals():
            return _same_reals(one, other, algebra)
        case Bracketed(), Bracketed():
            brackets = (one.opening, one.closing) == (other.opening, other.closing)
            return brackets and _all_same(one.items, other.items, algebra)
        case Reals(), (Bracketed() | Braced()):
            reals = as_reals(other)
            return reals is not None and _same_reals(one, reals, algebra)
        case Relation(difference, sign), Relation(other_difference, other_sign):
            up_to: UpTo = "factor" if sign in "=≠" else "positive factor"
            return sign == other_sign and algebra(difference, other_difference, up_to)
        case Grid(kind, rows), Grid(other_kind, other_rows):
            return (
                kind == other_kind
                and len(rows) == len(other_rows)
                and all(
                    _all_same(row, other_row, algebra)
                    for row, other_row in zip(rows, other_rows, strict=True)
                )
            )
        case Choice(letter), Plain(Variable(name)):
            return letter == name.upper()
        case Clock(minutes), Ratio((Rational(hour), Rational(minute)), exact=True):
            return hour > 12 and minutes == hour * 60 + minute
        case ((Based() | Words() | Clock() | CalendarDay() | NamedSet() | Choice()), _):
            return False if type(one) is type(other) else None
    return None


def _equal(one: Tree, other: Tree, algebra: Algebra) -> bool:
    if one == other:
        return True
    if isinstance(one, Rational) and isinstance(other, Rational):
        return False
    return algebra(one, other)


def _all_same(one: Sequence[Value], other: Sequence[Value], algebra: Algebra) -> bool:
    return len(one) == len(other) and all(
        same(item, partner, algebra) for item, partner in zip(one, other, strict=True)
    )


def _between(named: Named, algebra: Algebra) -> bool:
    return all(
        isinstance(named.value, Plain) and _equal(tree, named.value.tree, algebra)
        for tree in named.between
    )


def _same_named(one: Named, other: Named, algebra: Algebra) -> bool:
    """Names that differ are the same only as equations: `y = 2x` and `x = y/2`."""
    if one.name == other.name:
        if isinstance(one.value, Residue) != isinstance(other.value, Residue):
            return False
        values = same(one.value, other.value, algebra)
        return values and _between(one, algebra) and _between(other, algebra)
    trees = [
        subtract(named.tree, named.value.tree)
        for named in (one, other)
        if named.tree is not None and isinstance(named.value, Plain) and not named.between
    ]
    return len(trees) == 2 and algebra(trees[0], trees[1], "factor")


def _is_positional(one: Named, other: Value) -> bool:
    return isinstance(other, Relation)


def _same_quantities(one: Quantity, other: Quantity, algebra: Algebra) -> bool:
    if one.measure is None or other.measure is None:
        if one.composed or other.composed:
            return False
        if one.noun and other.noun and _counted(one.noun) != _counted(other.noun):
            return False
        if (one.noun and other.measure) or (other.noun and one.measure):
            return False
        return _equal(one.tree, other.tree, algebra)
    if one.measure.dimensions != other.measure.dimensions:
        return False
    return _equal(_in_base(one.tree, one.measure), _in_base(other.tree, other.measure), algebra)


def _counted(noun: str) -> list[str]:
    return [word.removesuffix("s") for word in noun.split()]


def _in_base(tree: Tree, measure: Measure) -> Tree:
    return multiply(tree, number(measure.scale))


def _same_residues(one: Tree, other: Tree, modulus: int) -> bool:
    if isinstance(one, Rational) and isinstance(other, Rational):
        return modulus > 0 and (one.value - other.value) % modulus == 0
    return one == other


def _same_ratios(one: Ratio, other: Ratio, algebra: Algebra) -> bool:
    if len(one.parts) != len(other.parts):
        return False
    if one.exact or other.exact:
        return one.parts == other.parts
    first, last = one.parts[0], other.parts[0]
    return all(
        _equal(multiply(part, last), multiply(partner, first), algebra)
        for part, partner in zip(one.parts, other.parts, strict=True)
    )


def _same_lists(one: Listing | Braced, other: Listing | Braced, algebra: Algebra) -> bool:
    """Each element has its partner.

    `x=1, y=2` names its values, so there the order counts if the other side names none.
    """
    if isinstance(one, Listing) and isinstance(other, Listing):
        if one.is_sequence or other.is_sequence:
            return _all_same(one.items, other.items, algebra)
        names = [_names(side.items) for side in (one, other)]
        if len(names[0] | names[1]) > 1 and not all(names):
            return _all_same(one.items, other.items, algebra)
    if len(one.items) != len(other.items):
        return False
    left = list(other.items)
    for item in one.items:
        partner = next((place for place, it in enumerate(left) if same(item, it, algebra)), None)
        if partner is None:
            return False
        left.pop(partner)
    return True


def _names(items: Sequence[Value]) -> set[str]:
    return {item.name for item in items if isinstance(item, Named)}


def _all_named(items: Sequence[Value]) -> bool:
    return len(_names(items)) == len(items)


def _by_name(items: Sequence[Value]) -> list[Value]:
    named = [item for item in items if isinstance(item, Named)]
    return [item.value for item in sorted(named, key=lambda item: item.name)]


def _same_reals(one: Reals, other: Reals, algebra: Algebra) -> bool:
    if one.name and other.name and one.name != other.name:
        return False
    return len(one.spans) == len(other.spans) and all(
        (span.with_low, span.with_high) == (partner.with_low, partner.with_high)
        and _equal(span.low, partner.low, algebra)
        and _equal(span.high, partner.high, algebra)
        for span, partner in zip(one.spans, other.spans, strict=True)
    )


_ = Fraction
