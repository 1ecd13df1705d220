"""The answer that a text states in its own words, without a box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..grammar import split_thought
from ..grammar.lines import split_lines
from . import extract_final_answer
from .answer_phrases import ANNOUNCED, CONCLUDES, HEADING, LABEL, UNSPACED, plain_line
from .answer_values import (
    COUNT_WORDS,
    VALUE,
    VERB,
    concludes,
    keeps_value,
    labelled,
    number_of,
    stated_value,
    stated_words,
    value_of,
)

CLOSING_LINES = 5
"""The last lines of a thought that may say "the answer is …": earlier statements may have been
withdrawn. Other conclusions count only in the very last line."""
_TAIL, _MOST_ANNOUNCED = 4000, 8
"""Limits on the characters of the closing lines, and on the announcements read in a line."""

_RIGHT_OPTION = re.compile(
    r"(?:\b(?:option|choice|answer|statement)\s\**[(\[]?(?P<named>(?-i:[A-J]))[)\]]?|"
    r"[\s*]*[(\[](?P<bracketed>(?-i:[A-J]))[)\]])\**\s(?:is|must be|fits|works|matches)\b"
    r"(?=(?:\s(?:the|therefore|thus|indeed|clearly)){0,2}"
    r"(?:\s(?:correct|right|best|answer|valid|true|one)\b|[\s*]*[.!]?\s*$))",
    re.IGNORECASE,
)
"""`Option D is correct.`, `(C) is the right one`."""
_CONCLUSION = re.compile(
    r"^(?:so|thus|therefore|hence)\b(?:(?!\s(?:is|are|equals)\s|=).)*"
    r"(?:\s(?:is|are|equals)(?:\s(?:indeed|simply|just|exactly))?\s(?:[A-Za-z]\s?=\s?)?|\s?=\s)"
    + VALUE,
    re.IGNORECASE | re.DOTALL,
)
_COUNTED = re.compile(
    rf"^(?:\W*(?:so|thus|therefore|hence),?\s)?\W*there (?:is|are) (?:exactly |only )?"
    rf"(?P<count>{'|'.join(COUNT_WORDS)}|\d+)\s[a-z]",
    re.IGNORECASE,
)
"""A last line such as "There are two such values of x.": the answer is their number."""
_AFTER_HASHES = re.compile(r"####\s*(?!\d{1,3}[.)]\s)(?P<value>[-−+$\\(.\d].{0,200}|[A-J])$")
"""GSM8K's mark of an answer; a heading has words, or the number of a section."""
_OPTION_ALONE = re.compile(r"[*_\s]*[(\[]?(?P<letter>[A-J])[)\].]?[*_\s.]*")
_OPTION_TEXT = re.compile(r"\W*[A-J]\W*[).:]\W*\w")
_CONCLUDED_OPTION = re.compile(
    r"[\s,:*]*(?:it(?:['’]s| is)\s)?(?:(?:option|choice|answer)\s)?[*(\[]*"
    r"(?P<letter>(?-i:[A-H]))[)\]*]*[\s.!]*",
    re.IGNORECASE,
)
_CLOSING_REMARK = re.compile(
    r"\W*(?:let me know|please let|if you (?:have|need|want|would)|feel free|(?:i\s)?hope\b"
    r"|would you like|happy to help|confidence\W+\d)",
    re.IGNORECASE,
)
_CONCLUDING = re.compile(r"\b(?:so|thus|therefore|hence)\b", re.IGNORECASE)
_LIST_ITEM = re.compile(r"\s*(?:[-•*+]|\d+[.)])(?:\s|$)")
_SUPPOSED = re.compile(
    r"\b(?:if|whether|suppose|supposing|assuming|unless|maybe|perhaps|doubt"
    r"|not sure|check|verify)\b[^,]*$",
    re.IGNORECASE,
)
"""Before "the answer is": it negates the statement."""


def stated_answer(text: str) -> str | None:
    r"""The answer that a text states in its own words; None if it states none.

    Its last `\boxed{…}`, else the last "the answer is …" of its closing lines, else its last line
    if that draws a conclusion, such as "So the sum is 21.". Only mathematics, numbers and the
    letters of choices count. Text after a thought takes precedence over text in it; an open
    thought states nothing.
    """
    split = split_thought(text)
    if split.opened and not split.closed:
        return None
    return _stated(split.answer, everywhere=True) or _stated(split.thought)


def loosely_stated_answer(text: str, *, everywhere: bool = False) -> str | None:
    """Like `stated_answer` for one text without a thought in it, and also words ("the answer is
    Evelyn") and counts ("there are two …").

    For grading, where wrong words cost no more than no answer. `everywhere`: lines that announce an
    answer count in any place.
    """
    stated = _stated(text, everywhere=everywhere)
    if stated is not None:
        return stated
    closing = _lines(text)[-CLOSING_LINES:]
    for line in reversed(closing):
        for rest in _behind_announcements(line):
            signed = line.removesuffix(rest).rstrip(" *_").endswith((":", "="))
            words = stated_words(rest) or (labelled(rest) if signed else None)
            if words and (signed or not UNSPACED.search(words)):
                return words
    counted = _COUNTED.search(closing[-1]) if closing else None
    return COUNT_WORDS.get(counted["count"].lower(), counted["count"]) if counted else None


def marked_answer(text: str) -> str | None:
    """The content of the last `<answer>…</answer>`, or the text after `####` in the last line."""
    tagged = text.rpartition("</answer>")[0].rpartition("<answer>")[2].strip()
    if re.search(r"\w", tagged):
        return tagged
    closing = _lines(text)
    found = _AFTER_HASHES.match(closing[-1]) if closing else None
    return found["value"].strip() if found else None


def lone_number(text: str, *, cut_off: bool = False) -> str | None:
    """The number of a closing sentence with only one: "Therefore, she makes $18 a day."

    The sentence must draw a conclusion, have its number in bold, or be the only one. `cut_off`: the
    text may break off at any number, so only a complete sentence with a conclusion
    counts.
    """
    closing = _lines(text)[-CLOSING_LINES:]
    if not closing:
        return None
    if cut_off and not (closing[-1].endswith((".", "!", ".*", ".**")) and concludes(closing[-1])):
        return None
    if len(closing) > 1 and not concludes(closing[-1]):
        return None
    return number_of(closing[-1]) or value_of(closing[-1])


def whole_answer(text: str) -> str | None:
    """The text itself, if it is one line with only a value or an option."""
    lines = _lines(text)
    return stated_value(lines[0]) if len(lines) == 1 and not VERB.search(lines[0]) else None


def closing_value(text: str) -> str | None:
    """The last line, if it is only a value, unlike the one before it.

    Else the mathematics at its end that it concludes: "…, so the area is $2$."
    """
    lines = _lines(text)[-2:]
    values = [_bare_value(line) for line in lines]
    if not values or (len(values) > 1 and values[0]):
        return None
    clauses = _CONCLUDING.split(lines[-1])
    if values[-1] or len(clauses) == 1:
        return values[-1]
    clause = clauses[-1].strip(" ,:")
    return stated_value(clause) if clause.startswith(("$", "\\(")) else value_of(clause)


def _bare_value(line: str) -> str | None:
    value = None if _LIST_ITEM.match(line) else stated_value(line)
    return value if value == line.strip("*_. ") and not _OPTION_TEXT.match(line) else None


def leading_option(text: str) -> str | None:
    """The letter that an answer begins with, alone in its line: "**B**", and below it why."""
    lines = _lines(text)
    found = _OPTION_ALONE.fullmatch(lines[0]) if lines else None
    return found["letter"] if found else None


def _stated(text: str, *, everywhere: bool = False) -> str | None:
    if boxed := extract_final_answer(text):
        return boxed
    lines = _lines(text)
    closing = len(lines) - CLOSING_LINES
    for place in reversed(range(len(lines))):
        if place < closing and not (everywhere and LABEL.match(lines[place])):
            continue
        if found := _announced(lines, place):
            return found
    return _conclusion(lines[-1]) if lines else None


def _conclusion(line: str) -> str | None:
    r"""What a line concludes: `So the sum is 21.`, `Hence, $x = 2$.`"""
    concluded = _CONCLUSION.search(line)
    if concluded and keeps_value(concluded["unit"]):
        return str(concluded["value"])
    begun = CONCLUDES.match(line)
    if begun and (option := _CONCLUDED_OPTION.fullmatch(line, begun.end())):
        return option["letter"]
    formula = line[begun.end() :].lstrip(" ,:") if begun else ""
    value = stated_value(formula) if formula.startswith(("$", "\\(", "\\[")) else None
    return value if value and value.count("$") in (0, 2) and " and " not in value else None


def _announced(lines: list[str], place: int) -> str | None:
    """The answer that a line announces, or has the heading of an answer above it."""
    line = lines[place]
    if line.endswith("?"):
        return None
    for rest in _behind_announcements(line):
        if value := stated_value(rest):
            return value
    if place and HEADING.fullmatch(lines[place - 1]):
        return stated_value(line) or number_of(line)
    label = LABEL.match(line)
    if (
        label
        and label[0].rstrip(" *_").endswith(":")
        and (number := number_of(line[label.end() :]))
    ):
        return number
    right = _RIGHT_OPTION.search(line)
    return right["named"] or right["bracketed"] if right else None


def _behind_announcements(line: str) -> Iterator[str]:
    """What follows "the answer is" and its like in a line, the last one first."""
    announced = list(ANNOUNCED.finditer(line))[-_MOST_ANNOUNCED:]
    ends = [one.end() for one in announced if not _supposed(line, one.start())]
    if label := LABEL.match(line):
        ends.append(label.end())
    for end in sorted(set(ends), reverse=True):
        yield line[end:]


def _supposed(line: str, place: int) -> bool:
    return _SUPPOSED.search(line, max(0, place - 200), place) is not None


def _lines(text: str) -> list[str]:
    plain = (plain_line(line) for line in split_lines(text[-_TAIL:].strip()))
    lines = [line for line in plain if re.search(r"\w", line) or "∞" in line]
    while lines and _CLOSING_REMARK.match(lines[-1]):
        lines.pop()
    return lines
