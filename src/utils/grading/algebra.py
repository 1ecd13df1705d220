"""Equality of two expressions by sympy. Runs only in a worker: it may never end.

sympy never sees text, only trees that were read here, and only those that are not too large. Two
expressions are equal if their difference is zero: for numbers to all the digits that are needed,
for others at several points, to 40 digits each.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from typing import Any

import sympy

from .bounds import is_written_out, too_large
from .equality import UpTo
from .lexing import Unreadable
from .trees import IMAGINARY, Letter, Operation, Rational, Tree, variables, walk

_DIGITS, _MOST_DIGITS = 40, 200
_CLOSE, _ZERO = sympy.Float(10) ** -30, sympy.Float(10) ** -180
_SIZES, _FEWEST_POINTS = (1, 1, 1, 1, 211, 211), 2
"""Of the points; also far away, where `|x-100|` is not `100-x`."""
_COMPLEX, _MODULI = {"z", "w"}, {"abs", "re", "im", "arg"}
_DISCRETE = {"sum", "prod", "binomial", "factorial"}
_SAME_NAMES = (
    "sin cos tan cot sec csc asin acos atan acot asec acsc sinh cosh tanh coth floor ceiling log "
    "factorial binomial gcd lcm re im arg"
)
_BUILDERS: dict[str, Any] = {
    **{name: getattr(sympy, name) for name in _SAME_NAMES.split()},
    **{"add": sympy.Add, "mul": sympy.Mul, "abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min},
    **{"pi": lambda: sympy.pi, "e": lambda: sympy.E, "i": lambda: sympy.I, "oo": lambda: sympy.oo},
    "norm": sympy.Function("norm"),
    "lim": lambda body, *limits: sympy.limit(body, *limits),
    "sum": lambda body, *limits: sympy.Sum(body, limits),
    "prod": lambda body, *limits: sympy.Product(body, limits),
    "int": lambda body, *limits: sympy.Integral(body, limits),
}


@functools.lru_cache(maxsize=1024)
def equal(one: Tree, other: Tree, up_to: UpTo = "nothing", /) -> bool:
    """Whether two expressions are equal, or one is a constant multiple of the other."""
    for tree in (one, other):
        if reason := too_large(tree):
            raise Unreadable(reason)
    left, right = _built(one), _built(other)
    if up_to != "nothing":
        return variables(one) == variables(other) != frozenset() and _are_multiples(
            left, right, _points(one, other), positive=up_to == "positive factor"
        )
    if left == right or not (left.free_symbols | right.free_symbols):
        return _same_constant(left, right)
    parts = [part for tree in (one, other) for part in walk(tree)]
    complex_too = IMAGINARY in parts or _has_moduli(parts)
    compared = 0
    for point in _points(one, other):
        values = [_at(side, point) for side in (left, right)]
        # Where a root or a logarithm is not real, an answer about real numbers says nothing.
        if complex_too or all(value.is_real for value in values):
            if not _same_constant(*values):
                return False
            compared += 1
    return _is_enough(compared)


def _are_multiples(left: Any, right: Any, points: Iterator[Any], *, positive: bool) -> bool:
    values = [(_at(left, point), _at(right, point)) for point in points]
    known = [pair for pair in values if all(value.is_real and not value.is_zero for value in pair)]
    _is_enough(len(known))
    (first, second), *others = known
    if positive and (first / second).evalf(_DIGITS) < 0:
        return False
    return all(_same_constant(one * second, other * first) for one, other in others)


def _is_enough(compared: int) -> bool:
    if compared < _FEWEST_POINTS:
        raise Unreadable("no points at which the two can be compared")
    return True


def _points(*trees: Tree) -> Iterator[dict[Any, Any]]:
    """Rational points, positive and of mixed sign; small whole ones where only these make sense."""
    names = sorted(frozenset().union(*map(variables, trees)))
    parts = [part for tree in trees for part in walk(tree)]
    whole = any(isinstance(part, Operation) and part.name in _DISCRETE for part in parts)
    exponential = any(
        part.name == "pow" and variables(part.arguments[1])
        for part in parts
        if isinstance(part, Operation)
    )
    symbols = {str(symbol) for tree in trees for symbol in _built(tree).free_symbols}
    for turn in range(len(_SIZES)):
        point = dict[Any, Any]()
        for place, name in enumerate([*names, *sorted(symbols - {*names})]):
            size = sympy.Rational(17 + 30 * turn + 23 * place + 7 * place * turn, 11 + 2 * turn)
            size *= -1 if turn % 2 and (turn + place) % 3 else 1
            size *= 1 if exponential else _SIZES[turn]
            if name in _COMPLEX and _has_moduli(parts):
                size += sympy.I
            point[sympy.Symbol(name)] = sympy.Integer(1 + turn + 2 * place) if whole else size
        yield point


def _has_moduli(parts: Iterable[Tree]) -> bool:
    """Whether the modulus or a part of a complex number is taken: `|z|^2` is not `z^2`."""
    names = {part.name for part in parts if isinstance(part, Operation | Letter)}
    return not (names.isdisjoint(_MODULI) or names.isdisjoint(_COMPLEX))


def _at(expression: Any, point: dict[Any, Any]) -> Any:
    value = expression.xreplace(point)
    return value.doit() if value.has(sympy.Sum, sympy.Product) else value


@functools.lru_cache(maxsize=4096)
def _built(tree: Tree) -> Any:
    match tree:
        case Rational(value):
            return sympy.Rational(value.numerator, value.denominator)
        case Letter(name):
            return sympy.Symbol(name)
        case Operation("pow", (Rational(value), exponent)) if not is_written_out(tree):
            return _huge(sympy.Rational(value.numerator, value.denominator), _built(exponent))
        case Operation("pow", (base, exponent)):
            return sympy.Pow(_built(base), _built(exponent))
        case Operation("sum" | "prod" | "int" | "lim", (body, index, *limits)):
            bound = {_built(index): sympy.Symbol(f"bound {index}")}  # no value is put in for it
            inner = _built(body).xreplace(bound)
            return _BUILDERS[tree.name](inner, *bound.values(), *map(_built, limits))
    return _BUILDERS[tree.name](*map(_built, tree.arguments))


def _huge(base: Any, exponent: Any) -> Any:
    """A power with too many digits, as a product of powers of primes that stand for themselves."""
    if not exponent.is_Rational:
        raise Unreadable("a power too large to compare")
    powers = [
        sympy.Symbol(f"{prime}^{exponent * times}")
        if prime > 0
        else sympy.Integer(prime) ** exponent
        for prime, times in sympy.factorrat(base).items()
    ]
    return sympy.Mul(*powers)


def _same_constant(left: Any, right: Any) -> bool:
    """Equality of two numbers, to as many digits as distinguish their difference from zero."""
    if left == right:
        return True
    one, other = left.evalf(_DIGITS), right.evalf(_DIGITS)
    if not (one.is_number and other.is_number and one.is_finite and other.is_finite):
        return bool(one == other)
    size = max(abs(one), abs(other))
    if abs(one - other) > _CLOSE * size:
        return bool(size < _CLOSE and (left - right).equals(0))
    parts = (left - right).evalf(5, maxn=_MOST_DIGITS).as_real_imag()
    # A number that many digits do not distinguish from zero has a bit or two of precision.
    return not any(part.is_Float and part._prec > 1 and abs(part) > _ZERO * size for part in parts)
