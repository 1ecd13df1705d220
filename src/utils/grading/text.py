"""Answers as text: removes mere typesetting and keeps what carries meaning.

Everything here is string processing in time linear in the answer; nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅛⅜⅝⅞"
_CHARACTERS = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "×": r"\times ",
        "÷": r"\div ",
        "·": r"\cdot ",
        "π": r"\pi ",
        "√": r"\sqrt ",
        "∞": r"\infty ",
        "°": r"^\circ ",
        "≤": r"\le ",
        "≥": r"\ge ",
        "≠": r"\ne ",
        "≈": r"\approx ",
        "±": r"\pm ",
        "∪": r"\cup ",
        "∈": r"\in ",
        "º": r"^\circ ",
        "ℝ": r"\mathbb{R}",
        "ℂ": r"\mathbb{C}",
        "ℚ": r"\mathbb{Q}",
        "ℤ": r"\mathbb{Z}",
        "ℕ": r"\mathbb{N}",
        "\u00a0": " ",
        "\u202f": " ",
    }
    | {
        sign: rf"\frac{{{top}}}{{{bottom}}}"
        for sign, top, bottom in zip(_FRACTIONS, "11213123411357", "23344555568888", strict=True)
    }
)
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "₀₁₂₃₄₅₆₇₈₉₊₋ₙ"
_SCRIPT = re.compile(f"[{_RAISED}]+|[{_LOWERED}]+")
_PLAIN = str.maketrans(_RAISED + _LOWERED, "0123456789+-n" * 2)

UNIT_LETTERS = "mgshlLNJWVKACF"
"""Upright letters that may be units."""
_LENGTHS = "pt|em|ex|mm|cm|in|pc|bp|mu|sp"
# Text before a value; options keep theirs, "The answer is C".
_LEAD = (
    r"(?:(?:[Ss]o|[Tt]hus|[Hh]ence|[Tt]herefore),?\s+)?(?:[Tt]he\s+)?(?:[Ff]inal\s+)?"
    r"[Aa]nswer\s*(?:is\b|[:=])\s*:?\s*"
)
_VALUE = r"(?=\$*\\?\(?[-+$\d]|\$*\\[dt]?(?:frac|sqrt|pi)(?![a-zA-Z]))"
_AND = r"\s*(?:\\text\{\s*and\s*\}|and)\s*"
_BELOW, _ABOVE, _FROM = r"\s*(?:<|\\le(?![a-zA-Z]))\s*", r"\s*>\s*", r"\s*\\ge(?![a-zA-Z])\s*"
_CLOCK = r"^\s*(?:\\text\s*\{\s*)?"
_HALF, _DOTTED = r"[apAP]\.?\s?[mM]\b", r"[apAP]\.\s?[mM]\."
_CLOSED = r"\s*(?:\\text\s*\{{\s*)?[{}]\.?\s?[mM]\b\.?\s*\}}?\s*$"

_REWRITES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (rf"^\s*\\text\{{\s*{_LEAD}{_VALUE}([^{{}}]*)\}}\s*$", r"\1"),
        (rf"^\s*(?:\\text\{{\s*{_LEAD}\}}|{_LEAD})\s*{_VALUE}", ""),
        # A dollar sign that does not delimit TeX is a unit.
        (
            r"^\s*\$?\\(?:\$|textdollar(?![a-zA-Z]))\s*([\d.,{}\\!]*\d)\s*\$?\s*\.?\s*$",
            r"\1\\text{ dollars}",
        ),
        (r"^\s*(?:\\pounds(?![a-zA-Z])|£)\s*([\d.,{}\\!]*\d)\s*\.?\s*$", r"\1\\text{ sterling}"),
        (r"^\s*(?:\\euro(?![a-zA-Z])|€)\s*([\d.,{}\\!]*\d)\s*\.?\s*$", r"\1\\text{ euros}"),
        # Row breaks of a matrix, without their optional space.
        (rf"\\\\\*?\s*\[\s*-?[\d.]{{1,9}}\s*(?:{_LENGTHS})\s*\]|\\cr(?![a-zA-Z])", r"\\\\ "),
        (r"\\(begin|end)\s*\{\s*(?:B|small)matrix\s*\}", r"\\\1{pmatrix}"),
        # Sizes, styles and spaces. `\\` is a row break of a matrix, never the start of a command.
        (r"(?<!\\)\\(?:left|right)\s*\.", ""),
        (r"(?<!\\)\\(?:left|right|[bB]igg?[lrm]?)(?![a-zA-Z])", ""),
        (r"(?<!\\)\\(?:display|text)style(?![a-zA-Z])", ""),
        (r"(?<!\\)\\(?:mathbf|boldsymbol|bm|mathit)(?![a-zA-Z])", ""),
        (r"(?<!\\)\\[()\[\]]|(?<!\\)\\?\$|\\textdollar(?![a-zA-Z])", ""),
        (r"(?<!\\)\\!\s*", ""),
        (r"(?<=\d)(?:\\[,;: ]|~)\s*(?=\d{3}(?!\d))", ""),
        (r"(?<!\\)\\(?:[,;:\s]|q?quad(?![a-zA-Z]))|~", " "),
        # One spelling for each command.
        (r"\\[dtc]frac(?![a-zA-Z])", r"\\frac"),
        # Upright i, e and d are the letters themselves; upright m and s may be units.
        (rf"\\(?:mathrm|operatorname)\s*\{{\s*([^\W\d_{UNIT_LETTERS}])\s*\}}", r" \1 "),
        (r"\\(?:mbox|mathrm|textrm|textbf|textit|textnormal|textup)\s*\{", r"\\text{"),
        (r"\\text\s*\{\s*([-+]?[\d.,/ ]*)\s*\}", r"\1"),
        (rf"([\d)}}+-])\s*\\text\s*\{{\s*([^\W\d_{UNIT_LETTERS}])\s*\}}", r"\1 \2 "),
        (r"\\text\s*\{\s*pi\s*\}", r"\\pi "),
        # Times of day. `6am` may be a product.
        (rf"{_CLOCK}(\d{{1,2}})(?=\s*\\text\s*\{{\s*{_HALF}|\s*{_DOTTED}|\s+[AP]M\b)", r"\1:00"),
        (rf"{_CLOCK}(\d{{1,2}}:\d\d){_CLOSED.format('aA')}", r"\1 \\text{ a.m.}"),
        (rf"{_CLOCK}(\d{{1,2}}:\d\d){_CLOSED.format('pP')}", r"\1 \\text{ p.m.}"),
        (r"\\leq(?:slant)?(?![a-zA-Z])|<=", r"\\le "),
        (r"\\geq(?:slant)?(?![a-zA-Z])|>=", r"\\ge "),
        (r"\\neq(?![a-zA-Z])|\\not\s*=|!=", r"\\ne "),
        (r"\\not\s*\\in(?![a-zA-Z])", r"\\notin "),
        (r"\\lt(?![a-zA-Z])", "<"),
        (r"\\gt(?![a-zA-Z])", ">"),
        (r":=", "="),
        (r"\\lbrace(?![a-zA-Z])", r"\\{"),
        (r"\\rbrace(?![a-zA-Z])", r"\\}"),
        (r"\\lbrack(?![a-zA-Z])", "["),
        (r"\\rbrack(?![a-zA-Z])", "]"),
        (r"\\langle(?![a-zA-Z])", "("),
        (r"\\rangle(?![a-zA-Z])", ")"),
        (r"\\degrees?(?![a-zA-Z])|\^\s*\{\s*\\circ\s*\}", r"^\\circ"),
        (r"\{\s*(\w{1,9})\s*\\choose(?![a-zA-Z])\s*(\w{1,9})\s*\}", r"\\binom{\1}{\2}"),
        # A dot over the first and the last digit of a period.
        (
            r"(\.\d*)\\dot\s*\{?(\d)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?",
            r"\1\\overline{\2\3\4}",
        ),
        (r"^\s*(\d{1,9})\s*(?:\\text\{\s*to\s*\}|\bto\b)\s*(\d{1,9})\s*$", r"\1:\2"),
        (r"\{,\}", ","),
        (r"\\varnothing(?![a-zA-Z])|\\\{\s*\\\}", r"\\emptyset "),
        (r"\\%|\\text\{\s*(?:per ?cent|\\?%)\s*\}|(?<=[\d}])\s*per ?cent\b", "%"),
        (r"\\text\{\s*([0-9A-F]+)\s*\}\s*_", r"\1_"),
        (r"\\text\{\s*cis\s*\}", r"\\operatorname{cis}"),
        # Two bounds of one variable are a range.
        (rf"^(.{{1,40}}?)({_BELOW})([a-zA-Z]){_AND}\3({_BELOW})(.{{1,40}})$", r"\1\2\3\4\5"),
        (rf"^([a-zA-Z]){_ABOVE}(.{{1,40}}?){_AND}\1({_BELOW})(.{{1,40}})$", r"\2<\1\3\4"),
        (rf"^([a-zA-Z]){_FROM}(.{{1,40}}?){_AND}\1({_BELOW})(.{{1,40}})$", r"\2 \\le \1\3\4"),
        # Lists in words.
        (r",?\s*\\text\{\s*(?:and|or)\s*\}\s*|,?\s+(?:and|or)\s+", ", "),
        # Names as they are typed without LaTeX.
        (r"\*\*", "^"),
        (r"(?<![\\a-zA-Z])pi(?![a-zA-Z])", r"\\pi "),
        (r"(?<![\\a-zA-Z])sqrt(?=\s*[({\d])", r"\\sqrt"),
        (r"(?<![\\a-zA-Z])(?:infinity|inf)(?![a-zA-Z])", r"\\infty "),
    )
)

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|.", re.DOTALL)
_OPENING = frozenset({"(", "[", "{", r"\{", r"\begin"})
_CLOSING = frozenset({")", "]", "}", r"\}", r"\end"})

_UNSIGNED = r"(?:\d{1,3}(?:[, ]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)"
_NUMBER = re.compile(
    rf"(?P<sign>[-+]?)\s*(?:"
    rf"(?P<decimal>{_UNSIGNED})"
    rf"(?:\s*(?:\\times|\\cdot|\*)\s*10\s*\^\s*\{{?\s*(?P<power>[-+]?\d{{1,3}})\s*\}}?"
    rf"|[eE](?P<exponent>[-+]?\d{{1,3}}))?"
    rf"|(?P<fixed>\d*\.\d*)\\overline\s*\{{\s*(?P<period>\d+)\s*\}}"
    rf"|(?P<whole>\d+)??\s*\\frac\s*\{{\s*(?P<top>-?\d+)\s*\}}\s*\{{\s*(?P<bottom>\d+)\s*\}}"
    rf"|(?:(?P<whole2>\d+)\s+)?(?P<top2>\d+)\s*/\s*(?P<bottom2>\d+)"
    rf")\s*(?P<percent>%?)"
)


def tidy(answer: str) -> str:
    """The answer without typesetting, with one spelling for each command.

    `10,\\!080` -> `10,080`; `\\dfrac12` -> `\\frac{1}{2}`; `\\left(1, 2\\right)` -> `(1, 2)`.
    Signs, order and brackets stay: `-2` never becomes `2`.
    """
    text = answer.strip()
    if text.startswith("**") and text.endswith("**"):
        text = text.strip("*")
    text = text.translate(_CHARACTERS)
    text = _SCRIPT.sub(_script, text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    text = _brace_arguments(" ".join(text.split()))
    return text.rstrip(" .,;:").strip()


def _script(found: re.Match[str]) -> str:
    """`²³` -> `^{23}`, `₁` -> `_{1}`."""
    sign = "^" if found[0][0] in _RAISED else "_"
    return f"{sign}{{{found[0].translate(_PLAIN)}}}"


def tokens(text: str) -> Iterator[tuple[int, str, int]]:
    """(position, token, depth) of each character or command; depth counts brackets of all kinds.

    A bracket has the depth of its surroundings.
    """
    depth = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in _CLOSING:
            depth -= 1
        yield match.start(), token, depth
        if token in _OPENING:
            depth += 1


def split_top(text: str, *separators: str) -> list[str]:
    """The pieces between separators outside of all brackets, stripped."""
    pieces, start = [], 0
    for position, token, depth in tokens(text):
        if depth == 0 and token in separators:
            pieces.append(text[start:position].strip())
            start = position + len(token)
    return [*pieces, text[start:].strip()]


def enclosing(text: str) -> tuple[str, str] | None:
    """The pair of brackets around the whole text, if one pair encloses it; they need not match."""
    found = [(position, token) for position, token, depth in tokens(text) if depth <= 0]
    if len(found) < 2:
        return None
    (_, opening), (position, closing) = found[0], found[1]
    if opening not in _OPENING - {r"\begin"} or closing not in _CLOSING - {r"\end"}:
        return None
    return (opening, closing) if position + len(closing) == len(text) else None


def as_rational(text: str) -> Fraction | None:
    """The exact value of a plain number: integer, decimal, fraction, mixed number, a·10^n, percent.

    None for anything else. Thousands are separated by a comma or a blank before three digits.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    if match["decimal"]:
        value = Fraction(re.sub(r"[, ]|\.$", "", match["decimal"]) or "0")
        value *= Fraction(10) ** int(match["power"] or match["exponent"] or 0)
    elif match["period"]:
        places = len(match["fixed"].partition(".")[2])
        repeated = Fraction(int(match["period"]), 10 ** len(match["period"]) - 1)
        value = Fraction(match["fixed"].rstrip(".") or "0") + repeated / 10**places
    else:
        top, bottom = match["top"] or match["top2"], int(match["bottom"] or match["bottom2"])
        whole = match["whole"] or match["whole2"]
        if bottom == 0 or (whole and top.startswith("-")):
            return None
        value = int(whole or 0) + Fraction(int(top), bottom)
    if match["percent"]:
        value /= 100
    return -value if match["sign"] == "-" else value


def _brace_arguments(text: str) -> str:
    """`\\frac12` -> `\\frac{1}{2}`, `\\frac 9{19}` -> `\\frac{9}{19}`, `\\sqrt2` -> `\\sqrt{2}`.

    Like TeX, except that a root takes all digits: nobody who types √19 means √1 · 9.
    """
    pieces = re.split(r"(\\frac|\\sqrt)(?![a-zA-Z])", text)
    # From the right, so that arguments are normalised before the commands they belong to.
    result = pieces[-1]
    for command, before in zip(pieces[-2::-2], pieces[-3::-2], strict=True):
        result = before + command + _with_arguments(command, result)
    return result


def _with_arguments(command: str, rest: str) -> str:
    rest = rest.lstrip()
    if command == r"\sqrt":
        root = re.match(r"\[[^\[\]]*\]\s*", rest)
        index = root[0].strip() if root else ""
        argument, rest = _take_argument(rest[len(root[0]) if root else 0 :], r"\d+(?:\.\d+)?")
        return f"{index}{argument}{rest}"
    top, rest = _take_argument(rest, r"\d")
    bottom, rest = _take_argument(rest, r"\d")
    return f"{top}{bottom}{rest}"


def _take_argument(text: str, digits: str) -> tuple[str, str]:
    """The next argument, in braces, and the text after it. Empty at the end of the text."""
    text = text.lstrip()
    if not text:
        return "", ""
    if text[0] == "{" or (text[0] == "(" and digits != r"\d"):
        for position, _, depth in tokens(text):
            if position and depth == 0:
                inner = text[1:position]
                return f"{{{inner}}}", text[position + 1 :]
        return text, ""
    if text[0] == "\\":
        # A command takes its own arguments along: \frac\sqrt{2}2.
        command = re.match(r"(?:\\[a-zA-Z]+|\\.)(?:\[[^\[\]]*\])?", text, re.DOTALL)
        end = command.end() if command else 1
        while end < len(text) and text[end] == "{":
            closing = next((p for p, _, d in tokens(text[end:]) if p and d == 0), None)
            if closing is None:
                break
            end += closing + 1
        return f"{{{text[:end]}}}", text[end:]
    number = re.match(digits, text)
    end = number.end() if number else 1
    return f"{{{text[:end]}}}", text[end:]
