"""An answer as tokens. Each character is in a token, or is white space or mere style.

What has no meaning for a value (sizes, fonts, colours, spaces) is listed here; a command that is
not listed becomes a token, which the reader then has to understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from .characters import GREEK_COMMANDS, plain_characters

_MOST_TOKENS, _DEEPEST_TEXT = 2_500, 20


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A number, a word, or a sign (operators, brackets and commands that are no letters).

    `spaced`: white space before it. `upright`: from `\\text{…}` or the like, so probably a word or
    a unit. The text of a command is its shortest spelling, `\\leq` -> `≤`.
    """

    kind: Literal["number", "word", "sign"]
    text: str
    spaced: bool = False
    upright: bool = False


class Unreadable(Exception):  # noqa: N818  it is a finding, not an error
    """An answer, or a part of it, that has no meaning here; the message says which."""


_SIGNS = r"""
≤ leq le leqslant leqq   ≥ geq ge geqslant geqq   ≠ ne neq   < lt   > gt   ≡ equiv
* times cdot cdotp ast centerdot   / div slash   ± pm   ∓ mp   ∪ cup bigcup   ∩ cap bigcap
∖ setminus smallsetminus backslash   ∈ in   ∉ notin   ∞ infty   → to rightarrow longrightarrow
⇒ Rightarrow implies Longrightarrow therefore iff Leftrightarrow   ∅ emptyset varnothing
≈ approx approxeq thickapprox simeq cong   ° degree degrees   ' prime   … ldots dots cdots dotsc
| mid vert lvert rvert   ‖ | Vert lVert rVert   \{ { lbrace   \} } rbrace   ⟨ langle   ⟩ rangle
⌊ lfloor   ⌋ rfloor   ⌈ lceil   ⌉ rceil   [ lbrack   ] rbrack   ( lparen   ) rparen
∧ land wedge   ∨ lor vee   % %   $ $ textdollar   £ pounds   € euro   : colon ratio   ✓ checkmark
\frac dfrac tfrac cfrac nicefrac sfrac   \binom dbinom tbinom   \overline bar   \mod bmod
"""
_COMMANDS = {
    f"\\{name}": sign
    for sign, *names in (line.split() for line in re.split(r"\n| {3}", _SIGNS.strip()))
    for name in names
}
_TYPED = {"<=": "≤", ">=": "≥", "!=": "≠", ":=": "=", "==": "=", "->": "→", "=>": "⇒", "**": "^"}
_TYPED["..."] = "…"
_FUNCTION_NAMES = (
    "arcsin arccos arctan arccot sinh cosh tanh coth sin cos tan cot sec csc ln log lg exp max min "
    "gcd lcm deg det arg Re Im pi"
)
_WORDS = frozenset(f"\\{name}" for name in _FUNCTION_NAMES.split())
_SPACE = (
    r"\s+|\\[,;:!> \n]|~|\\(?:q?quad|thinspace|medspace|thickspace|enspace|nobreakspace|space"
    r"|[hv]space\*?\s*\{[^{}]{0,20}\}|allowbreak)(?![a-zA-Z])"
)
_STYLE = (
    r"\A\{\s*\}|\{\s*\}(?=\s*(?:[\^_]|\Z))|\\(?:left|right|middle)\s*\."
    r"|\\(?:(?:left|right|middle|[bB]igg?[lrm]?|displaystyle|textstyle|scriptstyle|limits|nolimits"
    r"|mathstrut|strut|noindent|centering|bf|it|rm|sf|tt|boldmath|bfseries|itshape|tiny|scriptsize|footnotesize|small|normalsize|large|Large|LARGE|huge|Huge|normalfont"
    r"|mathbf|boldsymbol|bm|mathit|mathnormal|underline|uline|boxed|fbox|ensuremath|hbox|nonumber"
    r"|relax|pmb|smash|framebox|mathcal|mathscr)(?![a-zA-Z])"
    r"|(?:text)?color(?:box)?\s*(?:\[[a-zA-Z]{1,9}\])?\s*\{[^{}]{0,40}\}|\(|\)|\[|\])"
)
_TEXT = (
    r"\\(?:text|textbf|textit|textrm|textsf|texttt|emph|textnormal|textup|textmd|textsc|mathrm|mathsf"
    r"|mathtt|mbox|operatorname\*?)(?![a-zA-Z])\s*"
)
_THOUSANDS = r"(?:\{,\}|,(?:\\!)+\s*|\\!,|\\,|\\ |\\;|~|\{\\,\}| )"
_NUMBER = (
    r"\d+(?:\.\d+)?[eE][-+]?\d{1,3}(?![\w.])"
    rf"|(?:\d{{1,3}}(?:{_THOUSANDS}\d{{3}}(?!\d))+|\d+)(?:\.\d+)?|\.\d+"
)
_PATTERN = re.compile(
    rf"(?P<space>{_SPACE})|(?P<style>{_STYLE})|(?P<text>{_TEXT})"
    r"|(?P<period>\d*\.\d*\s*\\(?:overline|bar)\s*(?:\{\s*\d+\s*\}|\d))"
    rf"|(?P<number>{_NUMBER})|(?P<word>[^\W\d_]+)"
    r"|(?P<row>\\\\\*?(?:\s*\[\s*-?[\d.]{1,9}\s*[a-z]{2}\s*\])?|\\cr(?![a-zA-Z]))"
    r"|(?P<not>\\not\s*(?:=|\\in(?![a-zA-Z])|\\equiv(?![a-zA-Z])))"
    r"|(?P<set>\\(?:mathbb|Bbb)\s*(?:\{\s*[RCQZN]\s*\}|[RCQZN](?![a-zA-Z])))"
    r"|(?P<command>\\[a-zA-Z]+|\\.|<=|>=|!=|:=|==|->|=>|\*\*|\.\.\.)|(?P<other>.)",
    re.DOTALL,
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_INFIX = re.compile(r"\{([^{}]*)\\(over|choose)(?![a-zA-Z])([^{}]*)\}")
_PREFIX = {"over": r"\frac", "choose": r"\binom"}
_DOTTED = re.compile(r"(\.\d*)\\dot\s*\{?(\d)\}?(?:(\d*)\\dot\s*\{?(\d)\}?)?")
_CIRC = re.compile(r"\^\s*(?:\{\s*\\circ\s*\}|\\circ(?![a-zA-Z])|\{\s*°\s*\}|°)|\\circ(?![a-zA-Z])")
_PRIMES = re.compile(r"\^\s*(?:\{\s*(?:(?:\\prime(?![a-zA-Z])|')\s*)+\}|\\prime(?![a-zA-Z])|')")
_DELIMITER = re.compile(r"(?<!\\)\$\$?")


def lex(text: str) -> tuple[Lexeme, ...]:
    """The tokens of an answer. Raises Unreadable for a text that never closes, or is endless."""
    text = _CIRC.sub("°", plain_characters(text))
    if text.startswith("~"):  # elsewhere a space
        raise Unreadable("about a number")
    text = _PRIMES.sub(lambda found: "'" * len(re.findall(r"\\prime|'", found[0])), text)
    text = _INFIX.sub(lambda found: f"{_PREFIX[found[2]]}{{{found[1]}}}{{{found[3]}}}", text)
    text = _DOTTED.sub(r"\1\\overline{\2\3\4}", text)
    if len(_DELIMITER.findall(text)) % 2 == 0:
        text = _DELIMITER.sub(" ", text)
    found = tuple(_lex(text, False, 0))
    if len(found) > _MOST_TOKENS:
        raise Unreadable("too long")
    return found


def _lex(text: str, upright: bool, depth: int) -> Iterator[Lexeme]:
    if depth > _DEEPEST_TEXT:
        raise Unreadable("nested too deeply")
    place, spaced, before = 0, False, ""
    while match := _PATTERN.match(text, place):
        place, kind, found = match.end(), match.lastgroup, match[0]
        if kind in ("space", "style"):
            spaced |= kind == "space"
            continue
        if kind != "text":
            one = _lexeme(kind or "", found, upright)
            yield replace(one, spaced=True) if spaced else one
            spaced, before = False, one.text
            continue
        end = _group_end(text, place)
        inner = [*_lex(text[place:end].removeprefix("{").removesuffix("}"), True, depth + 1)]
        if inner and spaced:
            inner[0] = replace(inner[0], spaced=True)
        if before in ("^", "_") and len(inner) != 1:  # a script stays one
            inner = [Lexeme("sign", "{"), *inner, Lexeme("sign", "}")]
        yield from inner
        spaced, before, place = text[place:end].endswith(" }"), "}", end


def _lexeme(kind: str, found: str, upright: bool) -> Lexeme:
    match kind:
        case "number":
            return Lexeme("number", re.sub(r"[^\d.eE+-]", "", found), upright=upright)
        case "period":
            fixed, _, period = found.partition("\\")
            return Lexeme("number", f"{fixed.strip()}({re.sub(r'[^0-9]', '', period)})")
        case "word":
            return Lexeme("word", found, upright=upright)
        case "row":
            return Lexeme("sign", r"\\")
        case "not":
            return Lexeme("sign", {"n": "∉", "=": "≠"}.get(found[-1], "≢"))
        case "set":
            return Lexeme("sign", "ℝℂℚℤℕ"["RCQZN".index(found.rstrip("} ")[-1])])
    if found in _WORDS:
        return Lexeme("word", found[1:])
    letter = found.replace("\\var", "\\")
    if letter in GREEK_COMMANDS:
        return Lexeme("word", letter)
    return Lexeme("sign", _TYPED.get(found) or _COMMANDS.get(found, found))


def _group_end(text: str, start: int) -> int:
    """The end of the argument that begins at `start`: a group, or one character."""
    if text[start : start + 1] != "{":
        return min(len(text), start + 1)
    depth = 0
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if depth == 0:
            return brace.end()
    raise Unreadable("a bracket is not closed")
