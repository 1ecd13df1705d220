"""Rejects what is too large for the algebra system, which would otherwise run into its time limit
and use a core that long.

No benchmark has an answer that is rejected here: towers of powers, factorials of millions, powers
of sums that expand into thousands of terms.
"""

from __future__ import annotations

import math

from .trees import Letter, Operation, Rational, Tree, variables, walk

MAX_BITS = 2**40
"""Bits of a number that stays a power: `9^{9^9}` has a billion, and is compared unevaluated."""
MAX_WRITTEN_BITS = 2**20
"""Bits of a number that is evaluated: a power, the argument of a sine."""
MAX_EXPANDED = 500
"""The power of a sum."""
MAX_FACTORS = 5_000
"""Factors of a product, and the number whose factorial is taken."""
_ARITHMETIC = {"add", "mul", "pow", "abs"}


def too_large(tree: Tree) -> str:
    """Why an expression is not compared; empty if it may be."""
    return next(filter(None, map(_too_large, walk(tree))), "")


def _too_large(part: Tree) -> str:
    match part:
        case Operation("pow", (base, exponent)) if not variables(exponent):
            is_sum = isinstance(base, Operation) and base.name == "add"
            if not variables(base) and bits(part) > MAX_BITS:
                return "a power too large to compare"
            if variables(base) and is_sum and bits(exponent) > math.log2(MAX_EXPANDED):
                return f"a power of a sum above {MAX_EXPANDED}"
        case Operation("factorial", (argument,)) if bits(argument) > math.log2(MAX_FACTORS):
            return f"the factorial of a number above {MAX_FACTORS}"
        case Operation("binomial", (top, bottom)) if bits(top) > 17 and bits(bottom) > 10:
            return "a binomial coefficient of large numbers"
        case Operation("prod", (_, _, *limits)) if max(map(bits, limits)) > math.log2(MAX_FACTORS):
            return f"a product of more than {MAX_FACTORS} factors"
        case Operation(name, arguments) if name not in _ARITHMETIC:
            if any(bits(argument) > MAX_WRITTEN_BITS for argument in arguments):
                return "a function of a number too large"
    return ""


def is_written_out(power: Tree) -> bool:
    """Whether a power of a number has so few digits that it may be evaluated."""
    return bits(power) <= MAX_WRITTEN_BITS


def bits(tree: Tree) -> float:
    """Approximate log2 of the absolute value of a number, or of its reciprocal.

    0 for a variable, infinite if it is beyond all bounds.
    """
    if isinstance(tree, Rational):
        value = tree.value
        return math.log2(max(1, abs(value.numerator), value.denominator))
    if isinstance(tree, Letter):
        return 0.0
    sizes = [bits(one) for one in tree.arguments]
    match tree.name:
        case "add":
            return 1 + max(sizes)
        case "mul":
            return sum(sizes)
        case "pow":
            return max(0.1, sizes[0]) * 2 ** sizes[1] if sizes[1] < 1000 else math.inf
        case "factorial":
            return 2 ** min(sizes[0], 1000.0) * max(1.0, sizes[0])
        case "abs" | "floor" | "ceiling" | "max" | "min":
            return max(sizes)
    return 2.0
