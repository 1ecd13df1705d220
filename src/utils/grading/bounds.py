"""Rejects what is too large for the algebra system, which would otherwise run into its time limit
and use a core that long.

No benchmark has an answer that is rejected here: towers of powers, factorials of millions, powers
of sums that expand into thousands of terms.
"""

from __future__ import annotations

import math
import re
from typing import Any

import sympy

from .text import tokens

MAX_DEPTH = 60
"""Levels of brackets."""
MAX_INDEXED = 60
"""Different variables with an index: the grammar takes seconds for hundreds of terms."""
MAX_BITS = 2**40
"""Bits of a number that stays a power: `9^{9^9}` has a billion, and is compared unevaluated."""
MAX_WRITTEN_BITS = 2**20
"""Bits of a number that is evaluated: a power of a decimal, the argument of a sine."""
MAX_EXPANDED = 500
"""The power of a sum."""
MAX_FACTORS = 5_000
"""Factors of a product, and the number whose factorial is taken."""

_INDEXED = re.compile(r"[a-zA-Z]_(?:\{[^{}]{1,9}\}|\w)")
_FACTORIAL = re.compile(r"(\d+)\s*!")
_BINOMIAL = re.compile(
    r"\\[dt]?binom\s*\{\s*(\d+)\s*\}\s*\{\s*(\d+)\s*\}|_?\{?(\d{5,})\}?\s*\\choose"
)


def too_hard_to_read(latex: str) -> str:
    """Why a formula is not parsed at all; empty if it may be."""
    depth = deepest = 0
    for _, _, depth in tokens(latex):
        deepest = max(deepest, depth)
        if depth < 0:
            return "a bracket closes that was not opened"
    if deepest > MAX_DEPTH:
        return "nested too deeply"
    if depth:
        return "a bracket is not closed"
    if len(set(_INDEXED.findall(latex))) > MAX_INDEXED:
        return f"more than {MAX_INDEXED} variables with an index"
    if latex.count("!") > 2:
        return "a factorial of factorials"
    for number in _FACTORIAL.findall(latex):
        if int(number[:9]) > MAX_FACTORS:
            return f"the factorial of a number above {MAX_FACTORS}"
    for top, bottom, choose in _BINOMIAL.findall(latex):
        if choose or (len(top) > 5 and len(bottom) > 3):
            return "a binomial coefficient of large numbers"
    return ""


def too_large(expression: Any) -> str:
    """Why an expression is not compared; empty if it may be. Takes time linear in its size."""
    has_decimals = bool(expression.atoms(sympy.Float))
    for part in sympy.preorder_traversal(expression):
        if isinstance(part, sympy.Pow):
            base, exponent = part.args
            if exponent.is_number and base.is_number:
                bits = _bits(part)
                if bits > (MAX_WRITTEN_BITS if has_decimals else MAX_BITS):
                    return "a power too large to compare"
            elif (
                isinstance(base, sympy.Add)
                and exponent.is_number
                and _bits(exponent) > math.log2(MAX_EXPANDED)
            ):
                return f"a power of a sum above {MAX_EXPANDED}"
        elif isinstance(part, sympy.factorial | sympy.gamma):
            if part.args[0].is_number and _bits(part.args[0]) > math.log2(MAX_FACTORS):
                return f"the factorial of a number above {MAX_FACTORS}"
        elif isinstance(part, sympy.Product):
            if any(_terms(limits) > MAX_FACTORS for limits in part.args[1:]):
                return f"a product of more than {MAX_FACTORS} factors"
        elif isinstance(part, sympy.Function) and any(
            argument.is_number and _bits(argument) > MAX_WRITTEN_BITS for argument in part.args
        ):
            return "a function of a number too large"
    return ""


def _terms(limits: Any) -> float:
    """Terms of a sum or product over `limits`, a tuple (symbol, first, last)."""
    if len(limits) != 3 or not (limits[1].is_number and limits[2].is_number):
        return 0.0
    return float(2 ** min(64.0, _bits(limits[2])) + 2 ** min(64.0, _bits(limits[1])))


def _bits(number: Any) -> float:
    """Approximate log2 of the absolute value, or of its reciprocal; infinite if too large."""
    if isinstance(number, sympy.Rational):
        return max(math.log2(max(1, abs(int(number.p)))), math.log2(int(number.q)))
    if isinstance(number, sympy.Float):
        return float(abs(number._mpf_[2] + number._mpf_[3])) if number else 0.0
    if isinstance(number, sympy.Pow):
        base, exponent = (_bits(part) for part in number.args)
        return max(0.1, base) * 2**exponent if exponent < 1000 else math.inf
    if isinstance(number, sympy.Mul):
        return sum(_bits(part) for part in number.args)
    if isinstance(number, sympy.Add):
        return 1 + max(_bits(part) for part in number.args)
    return 2.0
