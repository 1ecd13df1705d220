"""Expressions as trees, in a form in which many equal ones are the same tree.

Rational arithmetic is exact and done at once; sums and products are sorted. No algebra beyond
that: whether two different trees are equal is decided in `algebra`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

_MOST_BITS = 4_096


@dataclass(frozen=True, slots=True)
class Rational:
    """An exact number."""

    value: Fraction

    def __repr__(self) -> str:
        return f"({self.value})"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with its index and primes, `x_1'`, or a name such as `f(2)`."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Operation:
    """`add`, `mul`, `pow`, a function, or a constant (`pi`, `e`, `i`, `oo`) without arguments."""

    name: str
    arguments: tuple[Tree, ...] = ()

    def __repr__(self) -> str:
        return f"{self.name}[{', '.join(map(repr, self.arguments))}]"


Tree = Rational | Letter | Operation

ZERO, ONE, MINUS_ONE = (Rational(Fraction(value)) for value in (0, 1, -1))
PI, E, IMAGINARY, INFINITY = (Operation(name) for name in ("pi", "e", "i", "oo"))
DEGREE = Operation("mul", (Rational(Fraction(1, 180)), PI))


def number(value: int | Fraction) -> Rational:
    return Rational(Fraction(value))


def add(*terms: Tree) -> Tree:
    return _collect("add", terms, 0, operator.add)


def multiply(*factors: Tree) -> Tree:
    """The product. A number times a sum is written out, so that `-(x-1)` is `1-x`."""
    product = _collect("mul", factors, 1, operator.mul)
    if isinstance(product, Operation) and product.name == "mul" and len(product.arguments) == 2:
        factor, sum_ = product.arguments
        if isinstance(factor, Rational) and isinstance(sum_, Operation) and sum_.name == "add":
            return add(*(multiply(factor, term) for term in sum_.arguments))
    return product


def negative(tree: Tree) -> Tree:
    return multiply(MINUS_ONE, tree)


def subtract(one: Tree, other: Tree) -> Tree:
    return add(one, negative(other))


def divide(one: Tree, other: Tree) -> Tree:
    return multiply(one, power(other, MINUS_ONE))


def power(base: Tree, exponent: Tree) -> Tree:
    if isinstance(exponent, Rational) and exponent.value.denominator == 1:
        if exponent == ONE:
            return base
        if isinstance(base, Rational) and (base.value or exponent.value > 0):
            size = max(abs(base.value.numerator), base.value.denominator).bit_length()
            if size * abs(exponent.value) <= _MOST_BITS:
                return Rational(base.value ** int(exponent.value))
    return Operation("pow", (base, exponent))


def root(tree: Tree, degree: Tree = Rational(Fraction(2))) -> Tree:
    return power(tree, divide(ONE, degree))


def _collect(
    name: str, parts: tuple[Tree, ...], neutral: int, fold: Callable[[Fraction, Fraction], Fraction]
) -> Tree:
    value, others = Fraction(neutral), list[Tree]()
    for part in parts:
        inside = isinstance(part, Operation) and part.name == name
        for one in part.arguments if isinstance(part, Operation) and inside else (part,):
            if isinstance(one, Rational):
                value = fold(value, one.value)
            else:
                others.append(one)
    others.sort(key=repr)
    if name == "mul" and value == 0 and not any(INFINITY in walk(one) for one in others):
        return ZERO
    if value != neutral or not others:
        others.insert(0, Rational(value))
    return others[0] if len(others) == 1 else Operation(name, tuple(others))


def walk(tree: Tree) -> Iterator[Tree]:
    yield tree
    if isinstance(tree, Operation):
        for one in tree.arguments:
            yield from walk(one)


def substitute(tree: Tree, old: Tree, new: Tree) -> Tree:
    if tree == old:
        return new
    if not isinstance(tree, Operation):
        return tree
    return Operation(tree.name, tuple(substitute(one, old, new) for one in tree.arguments))


def variables(tree: Tree) -> frozenset[str]:
    """The names in it, except those that a sum, an integral or a limit binds."""
    if isinstance(tree, Letter):
        return frozenset((tree.name,))
    if isinstance(tree, Rational):
        return frozenset()
    found = frozenset[str]().union(*map(variables, tree.arguments))
    if tree.name in ("sum", "prod", "int", "lim"):
        return found - variables(tree.arguments[1])
    return found


_REAL: dict[str, Callable[..., float]] = {
    "add": lambda *terms: sum(terms),
    "mul": lambda *factors: math.prod(factors),
    "pow": lambda base, exponent: base**exponent,
    "log": lambda argument, base=math.e: math.log(argument) / math.log(base),
    **{"sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos},
    **{"atan": math.atan, "abs": abs, "floor": math.floor, "ceiling": math.ceil},
    **{"pi": lambda: math.pi, "e": lambda: math.e, "oo": lambda: math.inf},
}


def approximate(tree: Tree) -> float | None:
    """A real constant in double precision, ±infinity included; None for all else."""
    if isinstance(tree, Rational):
        return tree.value.numerator / tree.value.denominator
    if isinstance(tree, Letter) or tree.name not in _REAL:
        return None
    values = [approximate(one) for one in tree.arguments]
    try:
        value = _REAL[tree.name](*(one for one in values if one is not None))
    except (ArithmeticError, ValueError, TypeError):
        return None
    real = None not in values and not isinstance(value, complex) and not math.isnan(value)
    return value if real else None
