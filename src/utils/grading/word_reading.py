"""Reads answers in words and digits: names, number words, times, dates, number bases."""

from __future__ import annotations

import re

from .answer_types import AnswerValue, Braced, Exact, Plain, Reals
from .brackets import Lexemes, spelled
from .letters import is_counted_word, is_function, is_named, is_product
from .lexing import Unreadable
from .real_sets import ALL_REALS
from .trees import number
from .units import is_unit_word
from .words import MONTHS, NOTHING, NUMBER_WORDS, REAL_NUMBERS, number_in_words

_SHORT_WORDS = frozenset(["yes", "no", "odd", "all", "both", "red", "even", "on", "off", "up"])
_SENTENCE = 4
_HALF = re.compile(r"(\d{1,2})(?::([0-5]\d))?\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" for month in MONTHS) + "|sept"
_NTH, _YEAR = r"(\d{1,2})(?: ?(?:st|nd|rd|th))?", r"(?:,? (\d{4}))?"
_MONTH_FIRST = re.compile(rf"({_MONTH})\.? {_NTH}{_YEAR}")
_DAY_FIRST = re.compile(rf"{_NTH}(?: of)? ({_MONTH})\.?{_YEAR}")
_MONTH_NUMBERS = {month[:3]: place for place, month in enumerate(MONTHS, 1)}
_SLASHED = re.compile(r"\d{1,4}[/.]\d{1,2}[/.]\d{2,4}")
_BASE_NAME = r"(?:in)?(?:base)?(?P<{0}>\d{{1,2}}|[a-z]+)"
_BASED = re.compile(
    rf"\(?(?P<digits>[0-9a-fA-F]+)\)?(?:_\{{?\(?{_BASE_NAME.format('below')}\)?\}}?"
    r"|\(?(?:in)?base(?P<behind>\d{1,2}|[a-z]+)\)?)"
)
_ARTICLES = ("a", "an", "the")


def read_time_or_date(tokens: Lexemes) -> AnswerValue | None:
    """A time of day with its half, or a date; None for anything else."""
    text = spelled(tokens)
    if not any(character.isdecimal() for character in text):
        return None
    if (half := _HALF.fullmatch(text)) and (half[2] or " " in text or "." in text):
        hour = int(half[1])
        if not 1 <= hour <= 12:
            raise Unreadable("no time of day")
        return Exact("time", str(hour % 12 * 60 + int(half[2] or 0) + 720 * (half[3] in "pP")))
    if iso := _ISO.fullmatch(text):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if _SLASHED.fullmatch(text) and (text.count("/") == 2 or text.count(".") == 2):
        return Exact("date", text)  # whether the day or the month is first, nobody knows
    lower = text.lower()
    if found := _MONTH_FIRST.fullmatch(lower):
        return _day(int(found[3] or 0), _MONTH_NUMBERS[found[1][:3]], int(found[2]))
    if found := _DAY_FIRST.fullmatch(lower):
        return _day(int(found[3] or 0), _MONTH_NUMBERS[found[2][:3]], int(found[1]))
    return None


def _day(year: int, month: int, day: int) -> Exact:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise Unreadable("no date")
    return Exact("date", f"{year}-{month}-{day}")


def read_based(tokens: Lexemes) -> AnswerValue | None:
    """`4210_5`, `4210_{\\text{five}}` and `4210 \\text{ (base 5)}`; None for all else."""
    if len(tokens) < 3 or not any(one.text in ("_", "base") for one in tokens):
        return None
    match = _BASED.fullmatch("".join(one.text for one in tokens))
    if match is None:
        return None
    name = match["below"] or match["behind"]
    base = int(name) if name.isdecimal() else NUMBER_WORDS.get(name.removeprefix("base"), 0)
    digits = match["digits"].upper().lstrip("0") or "0"
    if not 2 <= base <= 36 or any(int(digit, 36) >= base for digit in digits):
        return None
    if match["digits"] != match["digits"].upper() and base != 16:
        return None  # `2a_{12}` is twice a term of a sequence
    if not re.search(r"\d", digits) and not (base == 16 and len(digits) > 1):
        return None
    return Plain(number(int(digits))) if base == 10 else Exact("based", f"{digits}_{base}")


def is_wordy(tokens: Lexemes) -> bool:
    """Whether tokens are words, and no formula: `a hyperbola`, `x-axis`, but not `sin x`."""
    if not all(one.kind == "word" or one.text in ("-", "'", ".", "!", "?", '"') for one in tokens):
        return False
    words = [one for one in tokens if one.kind == "word"]
    if len(tokens) == 1 and words and len(words[0].text) > 1 and words[0].text.isupper():
        return True
    if all(one.upright for one in words) and any(len(one.text) > 1 for one in words):
        return not any(is_named(one.text) for one in words)
    return any(_is_word(one.text, len(words) == 1) for one in words)


def _is_word(word: str, alone: bool) -> bool:
    if is_function(word) or word.startswith("\\") or word in ("infinity", "pi"):
        return False
    if word.lower() in _SHORT_WORDS:
        return True
    if len(word) > 3 and not word.isupper():
        return True
    return (alone and word != word.upper() and is_counted_word(word)) or (
        not alone and len(word) == 3 and is_counted_word(word) and not is_unit_word(word)
    )


def read_words(tokens: Lexemes) -> Exact:
    """The words of an answer, in lower case without articles; each other sign counts.

    Raises Unreadable for a formula that nobody understood.
    """
    words = [one for one in tokens if one.kind == "word" and len(one.text) > 1]
    formula = all(is_named(one.text) or is_product(one) for one in words)
    if formula or any(one.text in "^_&…" or "\\" in one.text for one in tokens):
        raise Unreadable("not understood as a formula")
    return _words(tokens)


def _words(tokens: Lexemes) -> Exact:
    found = [
        one.text.lower()
        if one.text.islower() or one.text.isupper() or one.text.istitle()
        else one.text
        for place, one in enumerate(tokens)
        if not (one.text == "-" and _is_hyphen(tokens[:place], tokens[place + 1 :]))
    ]
    while len(found) > 1 and found[-1] in ('"', "?", "!"):
        found.pop()
    while len(found) > 1 and found[0] in _ARTICLES:
        found.pop(0)
    unclear = len(found) >= _SENTENCE or any(one.kind == "number" for one in tokens)
    return Exact("sentence" if unclear else "words", " ".join(found))


def _is_hyphen(before: Lexemes, behind: Lexemes) -> bool:
    """The minus of `a-b` counts, the hyphens of `well-known` and `x-axis` do not."""
    return bool(before) and any(one.kind == "word" and len(one.text) > 2 for one in behind[:1])


def read_name(tokens: Lexemes) -> AnswerValue:
    """Words, or what they stand for: `three`, `all real numbers`, `no solution`."""
    words = _words(tokens)
    if (value := number_in_words(words.text)) is not None:
        return Plain(number(value))
    if words.text in REAL_NUMBERS:
        return Reals(ALL_REALS)
    return Braced(()) if words.text in NOTHING else words
