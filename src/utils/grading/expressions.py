"""Evaluates arithmetic in models' notation exactly: + − × ÷ and brackets, in all their signs.

Nothing is evaluated as code: a parser of bounded size and depth, and exact fractions.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

MAX_CHARACTERS, MAX_DEPTH = 300, 30
MAX_DIGITS = 12


class UnreadableExpression(Exception):  # noqa: N818  it is a finding, not an error
    """The text is not an expression; the message says where it stops being one."""


@dataclass(frozen=True)
class ExpressionValue:
    """The value of an expression, and the numbers in it, with repetitions."""

    value: Fraction
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Claim:
    """An expression, and the value claimed for it: by equals signs, or in words after it.

    `mentioned` are the numbers of those words.
    """

    expression: ExpressionValue
    sides: tuple[Fraction, ...] = ()
    mentioned: tuple[int, ...] = ()


_SIGNS = {
    "*": "×·∗⋅∙•●・‧✕✖✗⨯⨉⊗＊﹡⋆✱⁎╳⨀⊙",
    "/": "÷∕⁄／➗⟋⧸",
    "-": "−–—‐‑‒﹣－➖˗",
    "+": "＋﹢➕",
    "(": "（[［【〔",
    ")": "）]］】〕",
    "{": "｛",
    "}": "｝",
    "=": "＝⇒→⟹⟶➜➔⇨﹦",
    "0123456789": "０１２３４５６７８９",
    ":": "：∶",
    " ": "\u00a0\u2009\u202f\u3000",
}
_CHARACTERS = str.maketrans(
    {
        other: sign if len(sign) == 1 else sign[place]
        for sign, others in _SIGNS.items()
        for place, other in enumerate(others)
    }
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufe0f]|[\u2705\u2713\u2714\U0001f300-\U0001faff]")
_OPERAND_ENDS, _OPERAND_BEGINS = r"(?<=[\d)}])", r"(?=[\d({\\])"
_DIVIDED_BY = "divided by|over|geteilt durch|divisé par|dividido (?:por|entre)|除以"
_REWRITES = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (r"</?\s?(?:answer|solution|final_answer)\s?>|```|\\displaystyle|&|\\\\(?=\s|\Z)", " "),
        (r"\\(?:left|right|[bB]igg?[lrm]?|(?:thin)?space)(?![a-zA-Z])|\\[,;:! ]|~|\$|\\[()]", ""),
        (r"\\\[|\\lbrack(?![a-zA-Z])|\\lparen(?![a-zA-Z])", "("),
        (r"\\\]|\\rbrack(?![a-zA-Z])|\\rparen(?![a-zA-Z])", ")"),
        (r"\\\{|\\lbrace(?![a-zA-Z])", "{"),
        (r"\\\}|\\rbrace(?![a-zA-Z])", "}"),
        (r"\\(?:text|math|mbox|operatorname)[a-z]*\s*\{([^{}]*)\}", r" \1 "),
        (r"\\q?quad(?![a-zA-Z])|\{\s*\}", " "),
        (r"\\[dtc]frac(?![a-zA-Z])", r"\\frac"),
        (r"\\(?:times|cdotp?|centerdot|ast|bullet|star|odot)(?![a-zA-Z])", "*"),
        (r"\\(?:div|slash|colon|ratio)(?![a-zA-Z])", "/"),
        (r"\{([^{}]*)\\over(?![a-zA-Z])([^{}]*)\}", r"\\frac{\1}{\2}"),
        (r"\(\s*=\s*([^()=]*)\)\s*\Z", r"= \1"),
        (r"\{\s*([-+*/:=])\s*\}", r"\1"),
        (r"(?<![\d.])(\d+)\.0+(?![\d.])", r"\1"),
        (r"\\(?:implies|Rightarrow|to|rightarrow|Longrightarrow)(?![a-zA-Z])|=>|->|==", "="),
        (rf"{_OPERAND_ENDS}\s*[xх]\s*{_OPERAND_BEGINS}", "*"),
        (rf"{_OPERAND_ENDS}\s*:\s*{_OPERAND_BEGINS}", "/"),
        (rf"{_OPERAND_ENDS}\s*(?:times|multiplied by|mal|fois|por|乘以?)\s*{_OPERAND_BEGINS}", "*"),
        (rf"{_OPERAND_ENDS}\s*(?:{_DIVIDED_BY})\s*{_OPERAND_BEGINS}", "/"),
        (rf"{_OPERAND_ENDS}\s*(?:plus|más|mais|加上?)\s*{_OPERAND_BEGINS}", "+"),
        (rf"{_OPERAND_ENDS}\s*(?:minus|moins|menos|减去?)\s*{_OPERAND_BEGINS}", "-"),
    )
)
_DISPLAY = re.compile(r"\A\s*\\\[(.*)\\\]\s*\.?\s*\Z", re.DOTALL)
_FENCE = re.compile(r"\A\s*```(?:[a-z]{1,12}\n)?(.*?)```\s*\Z", re.DOTALL | re.IGNORECASE)
_MARKED = re.compile(r"(\*\*|`+|\"|')(.*)\1", re.DOTALL)
_LEAD = re.compile(
    r"(?:\b(?:so|thus|therefore|hence|the|one|an?|final|possible|valid|correct|resulting|expression"
    r"|equation|answer|solution|way|is|can be|we have|we get|get|use|we can use)\b[\s,:]*)+"
    r"|[a-z][a-z\d ]{0,60}(?<!\s):\s+|[a-z][a-z ]{0,60}:\s*",
    re.IGNORECASE,
)
"""Text allowed before the expression: `The expression is`, `One way is:`."""
_WORDS_BEHIND = re.compile(r"\s*[\s,;.(]\s*[^\W\d_]{2}(?:\w|[\s,;.:()'’!-])*\Z")
_DENIES = re.compile(r"\b(?:not|no|never|wrong|incorrect|but|instead)\b|n['’]t\b", re.IGNORECASE)
_SAID = re.compile(
    r"\b(?:gives?|equals?|equal to|makes?|is|yields?|totals?|reach(?:es)?|results? in|get)\s+"
    r"(?:exactly\s+|us\s+)?(-?\d{1,12})(?!\w|\.\d)",
    re.IGNORECASE,
)


def read_claim(answer: str) -> Claim:
    """The expression in an answer: `(7 - 5) \\times 12`, `12 ⋅ 2 = 24`, `**6 : 2**, which gives 3`.

    In a chain of equalities the first expression counts; `24 = 12 * 2` is the same as
    `12 * 2 = 24`. Raises UnreadableExpression, and ZeroDivisionError.
    """
    sides = _sides(answer)
    # `24 = 12 * 2` is the same claim as `12 * 2 = 24`.
    first = next((side for side in sides if not re.fullmatch(r"-?\d{1,12}", side)), sides[0])
    values, words = list[ExpressionValue](), ""
    for place, side in enumerate(sides):
        value, behind = _Parser(side).read()
        if behind and place < len(sides) - 1:
            raise UnreadableExpression(f"expected an operator, found {behind[:20]!r}")
        values.append(value)
        words = behind
    if _DENIES.search(words):
        raise UnreadableExpression(f"{words.strip()[:40]!r} may take it back")
    expression = values.pop(sides.index(first))
    said = [Fraction(int(number)) for number in _SAID.findall(words)]
    return Claim(
        expression,
        (*(value.value for value in values), *said),
        tuple(int(number) for number in re.findall(r"\d{1,12}", words)),
    )


def _sides(answer: str) -> Sequence[str]:
    if len(answer) > MAX_CHARACTERS:
        raise UnreadableExpression(f"{len(answer)} characters, more than {MAX_CHARACTERS}")
    text = answer.strip()
    if shown := _DISPLAY.match(text):
        text = shown[1]
    text = _FENCE.sub(r"\1", html.unescape(text))
    text = _INVISIBLE.sub("", text.removeprefix("•").translate(_CHARACTERS)).strip().rstrip(".")
    if (lead := _LEAD.match(text)) and not _DENIES.search(lead[0]):
        text = text[lead.end() :]
    if marked := _MARKED.fullmatch(text.strip()):
        text = marked[2].strip().rstrip(".")
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return [side.strip().rstrip(".") for side in text.strip().split("=")]


class _Parser:
    """Recursive descent: sums of products of numbers, brackets and fractions."""

    def __init__(self, text: str) -> None:
        found = list(re.finditer(r"\d+|\\frac|\S", text))
        self.text, self.tokens = text, [one[0] for one in found]
        self.starts = [*(one.start() for one in found), len(text)]
        self.place = 0

    def read(self) -> tuple[ExpressionValue, str]:
        """The value of the expression, and words after it."""
        value = self._sum(0)
        behind = self.text[self.starts[self.place] :]
        before = self.text[: self.starts[self.place]]
        spaced = behind if before[-1:].strip() else f" {behind}"
        if behind and not _WORDS_BEHIND.match(spaced):
            raise UnreadableExpression(f"expected an operator, found {self._next()!r}")
        return value, behind

    def _next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _take(self, token: str) -> None:
        if self._next() != token:
            raise UnreadableExpression(f"expected {token!r}, found {self._next()!r}")
        self.place += 1

    def _sum(self, depth: int) -> ExpressionValue:
        if depth > MAX_DEPTH:
            raise UnreadableExpression("nested too deeply")
        negative = self._next() == "-"
        self.place += self._next() in ("-", "+")
        total = self._product(depth)
        if negative:
            total = ExpressionValue(-total.value, total.numbers)
        while self._next() in ("+", "-"):
            sign = 1 if self._next() == "+" else -1
            self.place += 1
            other = self._product(depth)
            total = ExpressionValue(total.value + sign * other.value, total.numbers + other.numbers)
        return total

    def _product(self, depth: int) -> ExpressionValue:
        total = self._factor(depth)
        while self._next() in ("*", "/") or self._multiplies_without_a_sign():
            operator = self._next()
            self.place += operator in ("*", "/")
            other = self._factor(depth)
            value = total.value / other.value if operator == "/" else total.value * other.value
            total = ExpressionValue(value, total.numbers + other.numbers)
        return total

    def _multiplies_without_a_sign(self) -> bool:
        """`2(3)`, `(2)3`; a bracket with words in it comes after the expression."""
        if self._next() == "(":
            following = self.tokens[self.place + 1 : self.place + 2]
            return not (following and following[0].isalpha())
        closed = self.tokens[self.place - 1] == ")"
        return self._next() == "\\frac" or (closed and self._next().isdecimal())

    def _factor(self, depth: int) -> ExpressionValue:
        token = self._next()
        if token.isdecimal():
            if len(token) > MAX_DIGITS:
                raise UnreadableExpression(f"a number of {len(token)} digits")
            self.place += 1
            return ExpressionValue(Fraction(int(token)), (int(token),))
        if token == "\\frac":
            self.place += 1
            top, bottom = (self._argument(depth) for _ in range(2))
            return ExpressionValue(top.value / bottom.value, top.numbers + bottom.numbers)
        if token == "(":
            return self._bracketed("(", ")", depth)
        if token == "{":
            return self._bracketed("{", "}", depth)
        raise UnreadableExpression(f"expected a number or a bracket, found {token!r}")

    def _argument(self, depth: int) -> ExpressionValue:
        """Of a fraction. `\\frac12` is read as TeX does: a digit each."""
        token = self._next()
        if not token.isdecimal():
            return self._bracketed("{", "}", depth)
        self.tokens[self.place : self.place + 1] = list(token)
        start = self.starts[self.place]
        self.starts[self.place : self.place + 1] = range(start, start + len(token))
        self.place += 1
        return ExpressionValue(Fraction(int(token[0])), (int(token[0]),))

    def _bracketed(self, opening: str, closing: str, depth: int) -> ExpressionValue:
        self._take(opening)
        inner = self._sum(depth + 1)
        self._take(closing)
        return inner
