"""Equality of two formulas by math-verify and sympy. Runs only in a worker: it may never end.

math-verify's own `parse` is not used: it looks for answers in prose, strips letters that could be
units (`5t` becomes 5), and evaluates plain arithmetic through `parse_expr`. Its LaTeX grammar
underneath builds expressions without evaluating anything.
"""

from __future__ import annotations

import functools
import logging
import re
from typing import Any, Literal

import sympy
from latex2sympy2_extended import latex2sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig
from math_verify import verify

from .bounds import too_hard_to_read, too_large
from .equality import Unreadable

# `R` and `r` are two radii; math-verify would lower both.
_CONVERSION = ConversionConfig(lowercase_symbols=False)
_FUNCTION = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)(?![a-zA-Z])|cis")
_CIS = re.compile(r"\\(?:text|operatorname)\s*\{\s*cis\s*\}\s*([^+]+)$")
"""cos + i sin, in words."""
# Two adjacent words, which the grammar would parse as a product of letters, or a word after a
# value.
_PROSE = re.compile(
    r"(?<![\\a-zA-Z])[a-zA-Z]{2,} [a-zA-Z]{3,}|[\w)}]\s*\\text\{(?!\s*cis\b)[^{}]*[a-zA-Z]{2}"
)
_INDEXED = re.compile(r"(?<![\w.{}\\])\d+\s*_")
# "4/3" before a factor would be read as 4 over all of it. `x^2/3`, `a/2/3` and `1/2^n` are none.
_SLASH = re.compile(
    r"(?<![\w.^/)}\]])(?<![\^/] )(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)(?![\d.])(?!\s*[\^!/])"
)
_DIGITS = 40
_CLOSE = sympy.Float(10) ** -30
_MOST_DIGITS = 200

# It warns once that its timeout is off. The worker has its own, which also ends C code.
logging.getLogger("math_verify").setLevel(logging.ERROR)


def equal(gold: str, answer: str) -> bool:
    """Whether two LaTeX formulas are equal. Raises Unreadable if one cannot be parsed."""
    left, right = _parse(gold, "gold_unparseable"), _parse(answer, "unparseable")
    if _is_constant(left) and _is_constant(right):
        return _same_constant(left, right) and not _differ_exactly(left, right)
    same = verify(left, right, timeout_seconds=None, allow_set_relation_comp=True, strict=True)
    return bool(same) and not _differ_at_a_point(left, right)


@functools.lru_cache(maxsize=256)
def _parse(latex: str, status: Literal["unparseable", "gold_unparseable"]) -> Any:
    if _PROSE.search(latex):
        raise Unreadable(status, "prose, not a formula")
    if _INDEXED.search(latex):
        raise Unreadable(status, "a number with an index")  # which the grammar would drop
    if reason := too_hard_to_read(latex):
        raise Unreadable(status, reason)
    # The grammar drops the sign for degrees, which is right for a unit but not within a function.
    if _FUNCTION.search(latex):
        latex = re.sub(r"(\d+(?:\.\d+)?)\s*\^\\circ", r"(\1 \\cdot \\frac{\\pi}{180})", latex)
    latex = _SLASH.sub(r"\\frac{\1}{\2}", latex)
    latex = _CIS.sub(r"e^{i \\cdot (\1)}", latex)
    # "2(3)" would be read as the mixed number 2 + 3.
    written = re.sub(r"((?<![_\d.])\d+(?:\.\d+)?|\))\s*(?=\()", r"\1 \\cdot ", latex)
    try:
        expression = latex2sympy(
            written,
            is_real=True,
            convert_degrees=False,
            normalization_config=None,
            conversion_config=_CONVERSION,
        )
    except RecursionError:
        raise
    # The grammar raises bare Exception for bad syntax.
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise Unreadable(status, f"not understood as a formula: {reason}") from error
    if not hasattr(expression, "xreplace"):
        raise Unreadable(status, f"not a formula but a {type(expression).__name__}")
    if reason := too_large(expression):
        raise Unreadable(status, reason)
    return _exact(expression)


def _exact(expression: Any) -> Any:
    """Decimals as exact fractions, so that 0.0000672 is not 0.0000673; the letter i as √-1."""
    exact = {number: sympy.Rational(str(number)) for number in expression.atoms(sympy.Float)}
    exact |= {s: sympy.I for s in expression.atoms(sympy.Symbol) if s.name == "i"}
    return expression.xreplace(exact) if exact else expression


def _is_constant(expression: Any) -> bool:
    return isinstance(expression, sympy.Expr) and bool(expression.is_number)


def _differ_at_a_point(left: Any, right: Any) -> bool:
    """Whether two formulas that math-verify considers equal give different numbers somewhere.

    It treats all coefficients below 1e-15 as zero.
    """
    if not (isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr)):
        return False
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    # Floats, since an exact power of a fraction could be too large to write down.
    point = {s: sympy.Float(17 + 3 * k, _DIGITS) / 11 for k, s in enumerate(symbols)}
    one, other = left.xreplace(point), right.xreplace(point)
    return _is_constant(one) and _is_constant(other) and not _same_constant(one, other)


def _same_constant(left: Any, right: Any) -> bool:
    """Equality of two numbers to 30 of 40 digits, relative to their size.

    Relative, because math-verify treats all numbers below 1e-15 as zero.
    """
    one, other = left.evalf(_DIGITS), right.evalf(_DIGITS)
    if not (one.is_finite and other.is_finite):
        return bool(left.doit() == right.doit())
    size = max(abs(one), abs(other))
    if abs(one - other) <= _CLOSE * size:
        return True
    # Below that size it may be a zero that evalf cannot distinguish from a tiny number.
    return bool(size < _CLOSE and (left - right).equals(0))


def _differ_exactly(left: Any, right: Any) -> bool:
    """Whether two numbers that agree to 30 digits are known to differ: `9^{99}` and `9^{99} + 1`.

    A number that many digits do not distinguish from zero is zero: sympy then gives one bit of
    precision.
    """
    parts = (left - right).evalf(5, maxn=_MOST_DIGITS).as_real_imag()
    return any(part.is_Float and not part.is_zero and part._prec > 1 for part in parts)
