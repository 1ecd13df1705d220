"""The answer that a text states in its own words, without a box."""

from __future__ import annotations

import re

from .curation.lines import split_lines
from .grading import extract_final_answer

CLOSING_LINES = 5
"""The lines at the end of a thought that may say "the answer is …": what is said before may have
been taken back. Other conclusions count in the very last line."""
_TAIL = 4000
"""So many characters hold the closing lines."""

_VALUE = (
    r"(?:\*\*)?"
    r"(?P<value>\$\$?[^$]+\$\$?|\\\(.+?\\\)|\\\[.+?\\\]|[-−+]?\$?\d[\d,]*(?:\.\d+)?(?:/\d+)?\\?%?)"
    r"(?:\*\*)?(?P<unit>(?:\s(?!and\b|or\b|times\b|plus\b|minus\b|over\b|[a-z]*(?:illion|sand)\b)"
    r"[a-z]+){0,3})"
    r"(?:[\s.!*]*$|,\s(?!and\b|or\b)[a-z])"
)
_SHORT_WORD = r"(?:or|is|to|of|in|if|as|so|it|by|no|be|an|at|on|we|do|go|my|me|up|us)\b"
_FORMULA = (
    r"\**(?P<formula>(?=[^\n]{0,80}\d)"
    rf"(?:\\[A-Za-z]+|(?<![A-Za-z])(?!{_SHORT_WORD})[A-Za-z]{{1,2}}(?![A-Za-z])"
    r"|[-−+*/^_=(),.\[\]{}\d\s√π%°]){1,80}?)[\s.!*]*$"
)
"""Mathematics without its dollars: (1, 2), x = 5, x^2 + 1, \\frac{3}{5}, 5cm."""
_LETTER = r"\**\(?(?P<letter>(?-i:[A-J]))\)?[\s.!*]*$"
"""A choice."""
_STATED = rf"(?:{_VALUE}|{_FORMULA}|{_LETTER})"
_ANSWER = re.compile(
    r"\banswer\W{0,3}(?:(?:\s(?:is|(?:must|should|would|will|can only) be)"
    r"(?:\s(?:just|simply|indeed|therefore|thus|then|exactly))?:?|:|=))[\s*]*+" + _STATED,
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(rf"\bfinal answer[*:\s]{{1,8}}{_STATED}", re.IGNORECASE | re.DOTALL)
"""At the very end: "**Final Answer**", and below it the answer alone."""
_WORDS = re.compile(
    r"\banswer\s(?:is|(?:must|should|would|will) be):?\s\**(?!not\b)"
    r"(?P<words>[A-Za-z]+(?:[ -][A-Za-z]+){0,2})[\s.!*]*$",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"^(?:so|thus|therefore|hence)\b(?:(?!\s(?:is|are|equals)\s|=).)*"
    r"(?:\s(?:is|are|equals)(?:\s(?:indeed|simply|just|exactly))?\s(?:[A-Za-z]\s?=\s?)?|\s?=\s)"
    + _VALUE,
    re.IGNORECASE | re.DOTALL,
)
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        [
            "no",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
}
_COUNTED = re.compile(
    rf"^(?:\W*(?:so|thus|therefore|hence),?\s)?\W*there (?:is|are) (?:exactly |only )?"
    rf"(?P<count>{'|'.join(_NUMBER_WORDS)}|\d+)\s[a-z]",
    re.IGNORECASE,
)
"""A last line such as "There are two such values of x.": what was asked for is their number."""

_AFTER_HASHES = re.compile(r"####\s*(?!\d{1,3}[.)]\s)(?P<value>[-−+$\\(.\d].{0,200}|[A-J])$")
"""GSM8K's mark of an answer; a heading has words, or the number of a section."""
_NUMBER = re.compile(
    r"(?<![\w.,/:^-])[-−]?\\?\$?(?P<digits>\d[\d,]*(?:\.\d+)?(?:/\d+)?)\\?%?(?![\w/:-])"
)
_NO_PROSE = re.compile(r"[\\^=+_<>{}()\[\]?|]|(?<!\w)[A-HJ-Z](?!\w)")
_OTHER_NUMBER = re.compile(
    rf"\b(?:{'|'.join(_NUMBER_WORDS)}|not|never|none|or|than|least|most|about|around|roughly|almost"
    r"|nearly|approximately|half|third|quarter|twice|double|percent|dozen|hundred|thousand"
    r"|[mb]illion|step|case|part|problem|question|option|choice|method|equation|figure)s?\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
"""Words with which the number of a sentence is not the answer, or not the only number."""
_CONCLUDES = re.compile(r"^\W*(?:so|thus|therefore|hence|finally|altogether|in total)\b", re.I)
_FEWEST_WORDS = 3
"""Besides the number, or it is no sentence: `25 ppm` is left as it is."""


def stated_answer(text: str) -> str | None:
    r"""What a thought arrives at in its own words; None where it does not say.

    Its last `\boxed{…}`, else the last "the answer is …" of its closing lines, else its last line
    where that draws a conclusion, such as "So the sum is 21.". Only mathematics, numbers and the
    letters of choices count.
    """
    if boxed := extract_final_answer(text):
        return boxed
    closing = _closing_lines(text)
    for line in reversed(closing):
        if not line.endswith("?") and (found := _ANSWER.search(line)):
            return _said(found)
    if found := _HEADING.search(text[-_TAIL:].strip()):
        return _said(found)
    concluded = _CONCLUSION.search(closing[-1]) if closing else None
    return concluded["value"] if concluded else None


def loosely_stated_answer(text: str) -> str | None:
    """As `stated_answer`, and also words ("the answer is Evelyn") and counts ("there are two …").

    For grading, where to take the wrong words for the answer costs no more than to find none.
    """
    stated = stated_answer(text)
    if stated is not None:
        return stated
    closing = _closing_lines(text)
    for line in reversed(closing):
        if found := _WORDS.search(line):
            return found["words"]
    counted = _COUNTED.search(closing[-1]) if closing else None
    return _NUMBER_WORDS.get(counted["count"].lower(), counted["count"]) if counted else None


def marked_answer(text: str) -> str | None:
    """What stands in the last `<answer>…</answer>`, or behind `####` in the last line."""
    tagged = text.rpartition("</answer>")[0].rpartition("<answer>")[2].strip()
    if re.search(r"\w", tagged):
        return tagged
    closing = _closing_lines(text)
    found = _AFTER_HASHES.match(closing[-1]) if closing else None
    return found["value"].strip() if found else None


def lone_number(text: str) -> str | None:
    """The number of a closing sentence that has one alone: "Therefore, she makes $18 a day."

    For an answer behind its thought. The sentence has to be the only one, to draw a conclusion or
    to have its number in bold.
    """
    closing = _closing_lines(text)
    if not closing:
        return None
    sentence = re.sub(r"\\(?=[$%])", "", closing[-1])
    numbers = list(_NUMBER.finditer(sentence))
    if len(numbers) != 1 or len(re.findall(r"[^\W\d_]+", sentence)) < _FEWEST_WORDS:
        return None
    (number,) = numbers
    rest = sentence[: number.start()] + sentence[number.end() :]
    if re.search(r"\d", rest) or _NO_PROSE.search(rest) or _OTHER_NUMBER.search(rest):
        return None
    in_bold = rest[number.start() - 2 : number.start() + 2] == "****"
    if len(closing) == 1 or in_bold or _CONCLUDES.match(sentence):
        return number[0].strip("$")
    return None


def _closing_lines(text: str) -> list[str]:
    return [line.strip() for line in split_lines(text[-_TAIL:].strip())[-CLOSING_LINES:]]


def _said(found: re.Match[str]) -> str:
    return (found["value"] or found["formula"] or found["letter"]).strip()
