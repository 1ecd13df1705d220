"""Reads the form of an answer.

Structure is parsed here and compared piece by piece, because a computer algebra system loses it:
math-verify 0.9 reads `1,2` as `(1,2)`, `4210_5` as `4210_6`, and does not parse
`(3, \\frac{\\pi}{2})` at all. Only formulas without structure go to it.
"""

from __future__ import annotations

import itertools
import re
from fractions import Fraction

from .forms import Assigned, Based, Choice, Form, Formula, Number, Ordered, Union, Unordered, Words
from .text import as_rational, enclosing, split_top, tidy, tokens
from .units import split_scale, split_unit, split_words
from .words import NUMBER_WORDS, PHRASES

_BASED = re.compile(
    r"\(?(?P<digits>[0-9A-F]+|\d[0-9a-f]*)\)?\s*"
    r"(?:_\s*(?P<below>\d+|\{[^{}]{1,30}(?:\{[^{}]{1,30}\}[^{}]{0,30})?\})"
    r"|(?P<behind>(?:\\text\{)?[\s(]*(?:in )?base\b[^{}_]{1,30}\}?[\s\d)]{0,8}))"
)
_BASE = re.compile(r"(?:in)?(?:base)?(?P<digits>\d{1,3})|(?:in)?(?:base)?(?P<word>[a-z]+)")
_LETTER = re.compile(r"\(\s*(?P<paren>[A-J])\s*\)|(?P<bare>[A-J])")
_TEXT_LETTER = re.compile(r"\\text\{\s*\(?\s*(?P<letter>[A-Ja-j])\s*\)?\s*[.:)]?\s*\}")
_SET_BUILDER = re.compile(
    r"\s*[a-zA-Z]\s*(?:\\in\s*\\mathbb\s*\{?\s*R\s*\}?\s*)?(?:\\mid(?![a-zA-Z])|[:|])\s*"
)
"""`\\{x : x > 2\\}` is read as its condition."""
# `\\ln x = 5` is an equation for x; `\\sin A = 5/13` may well be the requested answer.
_OF_UNKNOWN = re.compile(
    r"(?:\\(?:sqrt|ln|log|exp|sin|cos|tan|cot|sec|csc)(?![a-zA-Z])[\s{(]*[xyt][\s})]*"
    r"|(?:\||\\lvert)\s*[xyt]\s*(?:\||\\rvert))"
)
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!,?\d)")
_NUMBER_IN_TEXT = re.compile(r"\\text\{([^{}]*)\}")
_BARE_WORDS = re.compile(r"(?:[^\W\d_]|[ '’.,!?-])+")
# Words too short to be distinguished from products of variables by length.
_SHORT_WORDS = frozenset({"yes", "no", "odd", "all", "both"})
_NOT_IN_A_NAME = re.compile(r"^\s*[-+]|[\^<>\d]|\\(?:le|ge|ne|in|pm|equiv|cup)(?![a-zA-Z])")
# The minus of `a-b` counts, the hyphen of `x-axis` does not.
_WORD = re.compile(r"-?\d[\w.]*|[\w%]+|[+*/]|(?<![^\W\d]{2})-(?![^\W\d]{2})")
_TIME = re.compile(r"\d{1,2}\s*:\s*[0-5]\d")
_MAX_SIGNS = 3
_SENTENCE = 4
_ROUNDED = Fraction(1, 50)


def read_form(answer: str) -> Form:
    """The form of an answer; anything not understood is a Formula.

    Raises RecursionError for brackets nested some hundred levels deep, and nothing else.
    """
    return _read(tidy(answer))


def words_of(answer: Form | str) -> str:
    """The words and numbers of an answer, in lower case, joined by single spaces."""
    text = answer if isinstance(answer, str) else answer.source
    words = _WORD.findall(text.replace(r"\text", " ").lower())
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("a", "an", "the") else words)


def measured(form: Form) -> Number | None:
    """The number in `12 apples`, `\\text{12 apples}` or `25 m`, for comparison with a number.

    None if there is none. Compared with a formula, the text is read as it is: `5 m` is 5m, too.
    """
    if not isinstance(form, Formula | Words):
        return None
    text = form.source
    if found := _NUMBER_IN_TEXT.fullmatch(text):
        text = found[1].strip()
    quantity = split_words(text)
    value = as_rational(quantity.text) if quantity else None
    return Number(text, value, quantity.unit) if quantity and value is not None else None


def is_prose(form: Form) -> bool:
    """Whether it is a sentence, whose meaning no rule here can parse."""
    return isinstance(form, Words) and len(form.text.split()) >= _SENTENCE


def is_equation(form: Form) -> bool:
    return isinstance(form, Formula) and len(split_top(form.latex, "=")) > 1


def is_range(form: Form) -> bool:
    """Whether the form may be a set of real numbers: `x > 2`, `(2, \\infty)`, a union."""
    if isinstance(form, Formula):
        return bool(re.search(r"[<>]|\\(?:le|ge|ne|mathbb|setminus|cap)(?![a-zA-Z])", form.latex))
    return isinstance(form, Union) or (isinstance(form, Ordered) and len(form.items) == 2)


def _read(text: str) -> Form:
    value = as_rational(text)
    if value is not None:
        return Number(text, value)
    if based := _read_based(text):
        return based
    scale, unscaled = split_scale(text)
    quantity = split_unit(unscaled)
    if quantity.text != text and (value := as_rational(quantity.text)) is not None:
        # Before its thousands are read as a list.
        return Number(text, value * scale, quantity.unit)
    if "," in text and (words := split_words(text)) and as_rational(words.text) is not None:
        return Formula(text, text)
    brackets = enclosing(text)
    if brackets == ("{", "}"):
        return _read(text[1:-1].strip())
    if brackets == (r"\{", r"\}") and (builder := _SET_BUILDER.match(text[2:-2])):
        return _read(text[2:-2][builder.end() :].strip())
    if brackets == (r"\{", r"\}") and text[2:-2].strip():
        return _collect(text, _pieces(text[2:-2]), is_set=True)
    pieces = _pieces(text)
    if len(pieces) > 1:
        return _collect(text, pieces)
    if ratio := _read_ratio(text):
        return ratio
    head, *tail = split_top(text, r"\approx")
    if tail:
        # An approximation is the value of a name, or else a remark on the exact value before it.
        return _read(f"{head} = {tail[-1]}" if not head or _is_name(head) else head)
    return _read_relation(text) or _read_brackets(text, brackets) or _read_atom(text)


def _read_based(text: str) -> Form | None:
    """`4210_5`, `4210_{\\text{five}}` and `4210 \\text{ (base 5)}`; None for all else."""
    match = _BASED.fullmatch(text)
    named = match and re.sub(r"\\text|[{}()\s]", "", match["below"] or match["behind"]).lower()
    found = _BASE.fullmatch(named) if named else None
    if match is None or found is None:
        return None
    base = int(found["digits"] or NUMBER_WORDS.get(found["word"].removeprefix("base"), 0))
    digits = match["digits"].upper().lstrip("0") or "0"
    if not 2 <= base <= 16 or any(int(digit, 16) >= base for digit in digits):
        return None
    if match["digits"] != match["digits"].upper() and base != 16:
        return None  # `2a_{12}` is twice a term of a sequence
    return Number(text, Fraction(int(digits))) if base == 10 else Based(text, digits, base)


def _read_ratio(text: str) -> Form | None:
    """`2:3:5`, whose parts count up to a factor, and `2:30`, which may be a time and has none.

    Other ratios of two, `1:2`, are fractions; None for those and for anything else.
    """
    parts = [as_rational(part) for part in split_top(text, ":")]
    values = [part for part in parts if part is not None]
    if len(values) < len(parts) or len(parts) < 2:
        return None
    if len(parts) == 2 and not _TIME.fullmatch(text):
        return None
    factor = next((value for value in values if value), Fraction(1)) if len(parts) > 2 else 1
    return Ordered(text, ":", tuple(Number(text, value / factor) for value in values), ":")


def _collect(source: str, pieces: list[str], is_set: bool = False) -> Form:
    """A list. Repetitions count once in a set, and if both say `x = 3`."""
    items = tuple(_read(piece) for piece in pieces)
    if is_set or all(isinstance(item, Assigned) for item in items):
        items = tuple({re.sub(r"\s", "", item.source): item for item in items}.values())
    return items[0] if len(items) == 1 else Unordered(source, items)


def _pieces(text: str) -> list[str]:
    """The elements of a list, each ± written out as its values."""
    return [signed for piece in _split_list(text) for signed in _write_out_signs(piece)]


def _split_list(text: str) -> list[str]:
    """`10,000, 5` are two numbers: if commas have spaces after them, one without is in a number."""
    if ", " in text:
        text = _THOUSANDS.sub(lambda number: number[0].replace(",", ""), text)
    return split_top(text, ",", ";")


def _write_out_signs(text: str) -> list[str]:
    """`1 \\pm 2` -> `1 + 2`, `1 - 2`. Several ± are independent, unless a ∓ ties them."""
    found = [(position, token) for position, token, _ in tokens(text) if token in (r"\pm", r"\mp")]
    if not found or len(found) > _MAX_SIGNS or enclosing(text) == (r"\{", r"\}"):
        return [text]
    tied = any(token == r"\mp" for _, token in found)
    choices = (
        [("+",) * len(found), ("-",) * len(found)]
        if tied
        else list(itertools.product("+-", repeat=len(found)))
    )
    results = []
    for signs in choices:
        result = text
        for (position, token), sign in reversed(list(zip(found, signs, strict=True))):
            written = sign if token == r"\pm" else {"+": "-", "-": "+"}[sign]
            result = result[:position] + written + result[position + len(token) :]
        results.append(result.strip().removeprefix("+").strip())
    return results


def _read_relation(text: str) -> Form | None:
    """An assignment, a membership or a numeric chain of equalities; None for anything else."""
    name, *members = split_top(text, r"\in", r"\equiv")
    if len(members) == 1 and _is_name(name):
        return Assigned(text, _compact(name), _read(members[0]))
    sides = split_top(text, "=")
    if len(sides) == 1:
        return None
    first, last = sides[0], sides[-1]
    numbers = [number for side in sides if (number := as_rational(side)) is not None]
    if numbers and max(numbers) - min(numbers) > _ROUNDED * max(map(abs, numbers)):
        return Formula(text, text)  # `5 = 6` says nothing
    if _is_name(first) or not first:
        value = _read(last)
        return Assigned(text, _compact(first), value) if first else value
    if len(sides) == 2 and _is_name(last):
        return Assigned(text, _compact(last), _read(first))
    if not re.search(r"[a-zA-Z]", re.sub(r"\\text\{[^{}]*\}|\\[a-zA-Z]+", "", first)):
        return _read(last)
    return Formula(text, text)


def _read_brackets(text: str, brackets: tuple[str, str] | None) -> Form | None:
    parts = split_top(text, r"\cup")
    if len(parts) > 1:
        return Union(text, tuple(_read(part) for part in parts))
    if brackets is None or brackets[0] not in "([" or brackets[1] not in ")]":
        return None
    items = _split_list(text[1:-1])
    if len(items) > 1:
        return Ordered(text, brackets[0], tuple(_read(item) for item in items), brackets[1])
    if brackets == ("(", ")") and not _LETTER.fullmatch(text):
        return _read(text[1:-1].strip())
    return None


def _read_atom(text: str) -> Form:
    if match := _LETTER.fullmatch(text):
        return Choice(text, match["paren"] or match["bare"])
    if match := _TEXT_LETTER.fullmatch(text):
        return Choice(text, match["letter"].upper())
    if _is_text(text):
        words = words_of(text)
        if words in NUMBER_WORDS:
            return Number(text, Fraction(NUMBER_WORDS[words]))
        return _read(PHRASES[words]) if words in PHRASES else Words(text, words)
    quantity = split_unit(text)
    if quantity.text != text:
        inner = _read(quantity.text)
        if isinstance(inner, Number):
            return Number(text, inner.value, quantity.unit)
        if isinstance(inner, Formula):
            return Formula(text, inner.latex, quantity.unit)
        return inner
    if text.endswith("%"):
        return Formula(text, rf"\frac{{{text[:-1].strip()}}}{{100}}")
    return Formula(text, text)


def _is_text(text: str) -> bool:
    if text.startswith(r"\text{"):
        return not re.search(r"[\\=<>^]", text.replace(r"\text{", ""))
    if not _BARE_WORDS.fullmatch(text):
        return False
    words = re.findall(r"[^\W\d_]+", text.lower())
    return any(len(word) > 3 or word in _SHORT_WORDS for word in words)


def _is_name(text: str) -> bool:
    """Whether a left side only names what follows: `x`, `f(x)`, `\\angle ABC`, `x_1`, `a + b`."""
    if _OF_UNKNOWN.fullmatch(text):
        return False
    bare = re.sub(r"_\s*(?:\{[^{}]*\}|\w)|\^\s*\{?\s*-1\s*\}?|\\text\{[^{}]*\}", "x", text)
    bare = re.sub(r"\([^()]*\)", "", bare) or text.strip("()")
    return bool(re.search(r"[a-zA-Z]", bare)) and not _NOT_IN_A_NAME.search(bare)


def _compact(name: str) -> str:
    return re.sub(r"\s+", "", name)
