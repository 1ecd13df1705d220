"""An answer as tokens. Each character is in a token, or is white space or mere style.

What has no meaning for a value (sizes, fonts, colours, spaces) is listed here; a command that is
not listed becomes a token, which the reader then has to understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .characters import plain_characters

MAX_TOKENS = 2_500


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A number, a word, or a sign (operators, brackets and commands that are no letters).

    `spaced`: white space before it. `upright`: from `\\text{…}` or the like, so probably a word or
    a unit. The text of a command is its first spelling, `\\leq` -> `≤`.
    """

    kind: Literal["number", "word", "sign"]
    text: str
    spaced: bool = False
    upright: bool = False


class Unreadable(Exception):  # noqa: N818  it is a finding, not an error
    """An answer, or a part of it, that has no meaning here; the message says which."""


_SIGNS = {
    "≤": "leq le leqslant leqq",
    "≥": "geq ge geqslant geqq",
    "≠": "ne neq",
    "<": "lt",
    ">": "gt",
    "*": "times cdot cdotp ast centerdot",
    "/": "div slash",
    "±": "pm",
    "∓": "mp",
    "∪": "cup bigcup",
    "∩": "cap bigcap",
    "∖": "setminus smallsetminus backslash",
    "∈": "in",
    "∉": "notin",
    "∞": "infty",
    "→": "to rightarrow longrightarrow",
    "⇒": "Rightarrow implies Longrightarrow therefore iff Leftrightarrow",
    "≈": "approx approxeq thickapprox simeq cong",
    "≡": "equiv",
    "∅": "emptyset varnothing",
    "°": "degree degrees",
    "'": "prime",
    "…": "ldots dots cdots dotsc dotsb",
    "|": "mid vert lvert rvert",
    "‖": "| Vert lVert rVert",
    r"\{": "{ lbrace",
    r"\}": "} rbrace",
    "⟨": "langle",
    "⟩": "rangle",
    "⌊": "lfloor",
    "⌋": "rfloor",
    "⌈": "lceil",
    "⌉": "rceil",
    "[": "lbrack",
    "]": "rbrack",
    "(": "lparen",
    ")": "rparen",
    "∧": "land wedge",
    "∨": "lor vee",
    "%": "%",
    "$": "$ textdollar",
    "£": "pounds",
    "€": "euro",
    ":": "colon ratio",
    "✓": "checkmark",
    r"\frac": "dfrac tfrac cfrac nicefrac sfrac",
    r"\binom": "dbinom tbinom",
    r"\overline": "bar",
    r"\mod": "bmod",
}
_COMMANDS = {f"\\{name}": sign for sign, names in _SIGNS.items() for name in names.split()}
_LETTERS = {
    **{
        f"\\{name}": f"\\{name}"
        for name in [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Xi",
            "Pi",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
            "ell",
        ]
    },
    **{f"\\var{name}": f"\\{name}" for name in ["epsilon", "theta", "rho", "sigma", "phi"]},
    "\\pi": "pi",
}
_TYPED = {
    "<=": "≤", ">=": "≥", "!=": "≠", ":=": "=", "==": "=", "->": "→", "=>": "⇒", "**": "^",
    "...": "…",
}  # fmt: skip
_NAMES = [
    "arcsin",
    "arccos",
    "arctan",
    "arccot",
    "arcsec",
    "arccsc",
    "sinh",
    "cosh",
    "tanh",
    "coth",
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "ln",
    "log",
    "lg",
    "exp",
    "max",
    "min",
    "gcd",
    "lcm",
    "deg",
    "det",
    "arg",
    "Re",
    "Im",
]
_SPACE = (
    r"\s+|\\[,;:!> \n]|~|\\(?:q?quad|thinspace|medspace|thickspace|enspace|nobreakspace|space"
    r"|[hv]space\*?\s*\{[^{}]{0,20}\}|allowbreak)(?![a-zA-Z])"
)
_STYLE = (
    r"\{\s*\}(?=\s*[\^_])|\\(?:left|right|middle)\s*\.|\\(?:(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])"
    r"|(?:displaystyle|textstyle|scriptstyle|limits|nolimits|mathstrut|strut|noindent|centering"
    r"|bf|it|rm|sf|tt|boldmath|bfseries|itshape|large|Large|huge|mathbf|boldsymbol|bm|mathit"
    r"|mathnormal|underline|uline|boxed|fbox|ensuremath|hbox|nonumber|relax|pmb"
    r"|mathcal|mathscr)(?![a-zA-Z])"
    r"|(?:text)?color(?:box)?\s*(?:\[[a-zA-Z]{1,9}\])?\s*\{[^{}]{0,40}\}|\(|\)|\[|\])"
)
_TEXT = (
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|textnormal|textup|textmd|textsc|mathrm|mathsf"
    r"|mathtt|mbox|operatorname\*?)(?![a-zA-Z])\s*"
)
_THOUSANDS = r"(?:\{,\}|,(?:\\!)+\s*|\\!,|\\,|\\ |\\;|~|\{\\,\}| )"
_NUMBER = (
    r"\d+(?:\.\d+)?[eE][-+]?\d{1,3}(?![\w.])"
    rf"|(?:\d{{1,3}}(?:{_THOUSANDS}\d{{3}}(?!\d))+|\d+)(?:\.\d+)?|\.\d+"
)
_PERIOD = r"\d*\.\d*\s*\\(?:overline|bar)\s*(?:\{\s*\d+\s*\}|\d)"
_PATTERN = re.compile(
    rf"(?P<space>{_SPACE})|(?P<style>{_STYLE})|(?P<words>{_TEXT})"
    rf"|(?P<period>{_PERIOD})|(?P<number>{_NUMBER})"
    r"|(?P<word>[^\W\d_]+)|(?P<row>\\\\\*?(?:\s*\[\s*-?[\d.]{1,9}\s*[a-z]{2}\s*\])?|\\cr(?![a-zA-Z]))"
    r"|(?P<not>\\not\s*(?:=|\\in(?![a-zA-Z])|\\equiv(?![a-zA-Z])))"
    r"|(?P<blackboard>\\(?:mathbb|Bbb)\s*(?:\{\s*[RCQZN]\s*\}|[RCQZN](?![a-zA-Z])))"
    r"|(?P<command>\\[a-zA-Z]+|\\.)|(?P<typed><=|>=|!=|:=|==|->|=>|\*\*|\.\.\.)|(?P<other>.)",
    re.DOTALL,
)
_INFIX = re.compile(r"\{([^{}]*)\\(over|choose)(?![a-zA-Z])([^{}]*)\}")
_OVER = {"over": "frac", "choose": "binom"}
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_DOTTED = re.compile(r"(\.\d*)\\dot\s*\{?(\d)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?")
_CIRC = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![a-zA-Z])|\{\s*°\s*\}|°)|\\circ(?![a-zA-Z])")
_DELIMITER = re.compile(r"(?<!\\)\$\$?")
_GROUPS = re.compile(r"[^\d.eE+-]")


def lex(text: str) -> tuple[Lexeme, ...]:
    """The tokens of an answer. Raises Unreadable for signs that no answer has."""
    text = _CIRC.sub("°", plain_characters(text))
    if r"\over" in text or r"\choose" in text:
        text = _INFIX.sub(lambda found: rf"\{_OVER[found[2]]}{{{found[1]}}}{{{found[3]}}}", text)
    if "\\dot" in text:
        text = _DOTTED.sub(r"\1\\overline{\2\3\4}", text)
    if len(_DELIMITER.findall(text)) % 2 == 0:
        text = _DELIMITER.sub(" ", text)
    found = tuple(_lex(text, False, 0))
    if len(found) > MAX_TOKENS:
        raise Unreadable("too long")
    return found


def _lex(text: str, upright: bool, depth: int) -> Iterator[Lexeme]:
    if depth > 20:
        raise Unreadable("nested too deeply")
    place, spaced, before = 0, False, ""
    while place < len(text):
        match = _PATTERN.match(text, place)
        assert match is not None  # it matches any character
        place, kind, found = match.end(), match.lastgroup, match[0]
        if kind == "space":
            spaced = True
            continue
        if kind == "style":
            continue
        if kind == "words":
            end = _group_end(text, place)
            inner = tuple(
                _lex(text[place:end].removeprefix("{").removesuffix("}"), True, depth + 1)
            )
            # A script or an argument stays one; elsewhere the words stand in the line.
            grouped = before in ("^", "_") and len(inner) != 1
            if grouped:
                yield Lexeme("sign", "{")
            for number, one in enumerate(inner):
                yield one if number or not spaced else replace(one, spaced=True)
            if grouped:
                yield Lexeme("sign", "}")
            place, spaced, before = end, text[place:end].endswith(" }"), "}"
            continue
        one = _lexeme(kind or "", found, upright)
        yield replace(one, spaced=True) if spaced else one
        spaced, before = False, one.text


def _lexeme(kind: str, found: str, upright: bool) -> Lexeme:
    match kind:
        case "number":
            return Lexeme("number", _GROUPS.sub("", found), upright=upright)
        case "period":
            fixed, _, period = found.partition("\\")
            return Lexeme("number", f"{fixed.strip()}({''.join(re.findall(r'[0-9]', period))})")
        case "word":
            return Lexeme("word", found, upright=upright)
        case "row":
            return Lexeme("sign", "\\\\")
        case "not":
            return Lexeme("sign", {"n": "∉", "=": "≠"}.get(found[-1], "≢"))
        case "blackboard":
            return Lexeme("sign", "ℝℂℚℤℕ"["RCQZN".index(found.rstrip("} ")[-1])])
        case "typed":
            return Lexeme("sign", _TYPED[found])
        case "command" if found in _LETTERS:
            return Lexeme("word", _LETTERS[found])
        case "command" if found[1:] in _NAMES:
            return Lexeme("word", found[1:])
    return Lexeme("sign", _COMMANDS.get(found, found))


def _group_end(text: str, start: int) -> int:
    """The end of the argument that begins at `start`: a group, a command, or one character."""
    if text[start : start + 1] != "{":
        return min(len(text), start + 1)
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
    raise Unreadable("a bracket is not closed")
