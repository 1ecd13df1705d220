"""Equality of two expressions by sympy. Runs only in a worker: it may never end.

sympy never sees text, only trees that were read here, and only those that are not too large. Two
expressions are equal if their difference is zero: for numbers to all the digits that are needed,
for others at several points, to 40 digits each.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import sympy

from .bounds import MAX_WRITTEN_BITS, bits, too_large
from .equality import UpTo
from .lexing import Unreadable
from .trees import Operation, Rational, Tree, Variable, variables, walk

_DIGITS = 40
_MOST_DIGITS = 200
_CLOSE = sympy.Float(10) ** -30
_ZERO = sympy.Float(10) ** -180
_POINTS = 6
_FEWEST_POINTS = 2
_DISCRETE = {"sum", "prod", "binomial", "factorial"}
_FUNCTIONS: dict[str, Any] = {
    "sin": sympy.sin,
    "cos": sympy.cos,
    "tan": sympy.tan,
    "cot": sympy.cot,
    "sec": sympy.sec,
    "csc": sympy.csc,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "acot": sympy.acot,
    "asec": sympy.asec,
    "acsc": sympy.acsc,
    "sinh": sympy.sinh,
    "cosh": sympy.cosh,
    "tanh": sympy.tanh,
    "coth": sympy.coth,
    "abs": sympy.Abs,
    "norm": sympy.Function("norm"),
    "floor": sympy.floor,
    "ceiling": sympy.ceiling,
    "log": sympy.log,
    "factorial": sympy.factorial,
    "binomial": sympy.binomial,
    "max": sympy.Max,
    "min": sympy.Min,
    "gcd": sympy.gcd,
    "lcm": sympy.lcm,
    "re": sympy.re,
    "im": sympy.im,
    "arg": sympy.arg,
    "add": sympy.Add,
    "mul": sympy.Mul,
    "sum": lambda body, index, low, high: sympy.Sum(body, (index, low, high)),
    "prod": lambda body, index, low, high: sympy.Product(body, (index, low, high)),
    "int": lambda body, index, low, high: sympy.Integral(body, (index, low, high)),
    "lim": lambda body, index, to: sympy.limit(body, index, to),
}
_CONSTANTS: dict[str, Any] = {"pi": sympy.pi, "e": sympy.E, "i": sympy.I, "oo": sympy.oo}


@functools.lru_cache(maxsize=1024)
def equal(one: Tree, other: Tree, up_to: UpTo = "nothing", /) -> bool:
    """Whether two expressions are equal, or one is a constant multiple of the other."""
    left, right = _expression(one), _expression(other)
    if up_to != "nothing":
        return _are_multiples(one, left, other, right, positive=up_to != "factor")
    names = sorted(variables(one) | variables(other))
    if not names and not (left.free_symbols | right.free_symbols):
        return _same_constant(left, right)
    if left == right:
        return True
    compared = 0
    for point in _points(names, one, other):
        values = [_at(side, point) for side in (left, right)]
        real = [bool(value.is_real) for value in values]
        if not any(real) and not _has_i(one, other):
            continue
        if not _same_constant(*values):
            return False
        compared += 1
    if compared < _FEWEST_POINTS:
        raise Unreadable("no points at which the expressions can be compared")
    return True


def _are_multiples(one: Tree, left: Any, other: Tree, right: Any, *, positive: bool) -> bool:
    names = sorted(variables(one) | variables(other))
    if variables(one) != variables(other) or not names:
        return False
    ratio = None
    compared = 0
    for point in _points(names, one, other):
        first, second = (_at(side, point) for side in (left, right))
        if not (first.is_real and second.is_real) or first.is_zero or second.is_zero:
            continue
        if ratio is None:
            ratio = (first, second)
            if positive and (first / second).evalf(_DIGITS) < 0:
                return False
        elif not _same_constant(first * ratio[1], second * ratio[0]):
            return False
        compared += 1
    if compared < _FEWEST_POINTS:
        raise Unreadable("no points at which the equations can be compared")
    return True


def _has_i(*trees: Tree) -> bool:
    return any(part == Operation("i") for tree in trees for part in walk(tree))


def _points(names: Sequence[str], *trees: Tree) -> list[dict[Any, Any]]:
    """Rational points, positive and of mixed sign; small whole ones where only these make sense."""
    whole = any(
        isinstance(part, Operation) and part.name in _DISCRETE
        for tree in trees
        for part in walk(tree)
    )
    found = list[dict[Any, Any]]()
    for turn in range(_POINTS):
        point = dict[Any, Any]()
        for place, name in enumerate(names):
            size = sympy.Integer(3 + turn + 2 * place)
            if not whole:
                size = sympy.Rational(17 + 30 * turn + 23 * place + 7 * place * turn, 11 + 2 * turn)
                size = -size if turn % 2 and (turn + place) % 3 else size
            point[sympy.Symbol(name)] = size
        found.append(point)
    return found


def _at(expression: Any, point: dict[Any, Any]) -> Any:
    value = expression.xreplace(point)
    return value.doit() if value.has(sympy.Sum, sympy.Product) else value


def _expression(tree: Tree) -> Any:
    if reason := too_large(tree):
        raise Unreadable(reason)
    return _built(tree)


@functools.lru_cache(maxsize=4096)
def _built(tree: Tree) -> Any:
    if isinstance(tree, Rational):
        return sympy.Rational(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Variable):
        return sympy.Symbol(tree.name)
    if tree.name in _CONSTANTS:
        return _CONSTANTS[tree.name]
    if tree.name == "pow":
        return _power(*tree.arguments)
    return _FUNCTIONS[tree.name](*map(_built, tree.arguments))


def _power(base: Tree, exponent: Tree) -> Any:
    """A power; one of a number with too many digits stands for itself, as a product of primes."""
    if isinstance(base, Rational) and bits(exponent) > math.log2(MAX_WRITTEN_BITS) and base.value:
        value = _built(exponent)
        if not value.is_Rational:
            raise Unreadable("a power too large to compare")
        factors = sympy.factorrat(sympy.Rational(base.value.numerator, base.value.denominator))
        return sympy.Mul(
            *(
                sympy.Symbol(f"{prime}^{value * times}")
                if prime > 0
                else sympy.Integer(prime) ** value
                for prime, times in factors.items()
            )
        )
    return sympy.Pow(_built(base), _built(exponent))


def _same_constant(left: Any, right: Any) -> bool:
    """Equality of two numbers, to as many digits as distinguish their difference from zero."""
    if left == right:
        return True
    one, other = left.evalf(_DIGITS), right.evalf(_DIGITS)
    if not (one.is_number and other.is_number):
        return False
    if not (one.is_finite and other.is_finite):
        return bool(one == other)
    size = max(abs(one), abs(other))
    if abs(one - other) > _CLOSE * size:
        return bool(size < _CLOSE and (left - right).equals(0))
    parts = (left - right).evalf(5, maxn=_MOST_DIGITS).as_real_imag()
    # A number that many digits do not distinguish from zero has a bit or two of precision.
    return not any(part.is_Float and part._prec > 1 and abs(part) > _ZERO * size for part in parts)
