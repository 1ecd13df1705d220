"""The final answer in a method's text, for the CSV column PredictedFinalAnswer."""

from __future__ import annotations

import re

from ..grammar import split_thought
from . import extract_final_answer, has_box, restore_escapes
from .stated_answers import (
    closing_value,
    leading_option,
    lone_number,
    loosely_stated_answer,
    marked_answer,
    whole_answer,
)

SHORT = 80
"""Maximum characters of a text that is taken as the answer if it announces none."""
MOST_WORDS = 6
"""The same for an answer without mathematics that is not a remark."""
_FILLER = re.compile(
    r"\W*(?:sure|okay|ok|done|certainly|thanks?|as above|see above|i am|i['’]m)\b", re.I
)
_HESITATES = re.compile(
    r"\b(?:wait|hmm+|hold on|not sure|let(?: me|[’']s) (?:check|verify|double|re|think|try))\b"
    r"|^\W*(?:maybe|perhaps|or)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?]\s+|\n")


def serial_answer(response: str) -> str:
    """The content of the last box, or the answer stated without one; empty if there is neither.

    Text after the thought takes precedence over text in it. A thought that its model has not closed
    is unfinished and has no answer; one closed at the very end, as RFT models write it, contains
    the answer. A response without tags is read as a finished one, because a server may have removed
    them, unless its last words resume the thought.
    """
    split = split_thought(restore_escapes(response))
    if split.answer:
        return _behind(split.answer, split.thought)
    if not split.closed and (split.opened or _goes_on(split.thought)):
        return ""
    return extract_final_answer(split.thought) or _stated(split.thought)


def sprint_answer(final_answer: str | None) -> str:
    """The content of the last box, or the stated answer, or the complete text; empty for None."""
    split = split_thought(restore_escapes(final_answer or ""))
    if split.opened and not split.closed:
        return ""
    return _behind(split.answer or split.thought, split.thought if split.answer else "")


def _behind(answer: str, thought: str) -> str:
    """The answer in the text after a thought; that of the thought if it has none."""
    boxed = extract_final_answer(answer)
    if boxed is not None:
        return boxed
    stated = _concluded(answer)
    if stated or has_box(answer) or _is_short(answer):
        return stated or answer
    return extract_final_answer(thought) or answer


def _is_short(answer: str) -> bool:
    """Whether an answer is taken as a whole: a value or a few words, not a remark."""
    if len(answer) > SHORT or "\n" in answer:
        return False
    return bool(re.search(r"[\d=<>\\$∞π]|\b[A-HJ]\b", answer)) or (
        len(answer.split()) <= MOST_WORDS and not _FILLER.match(answer)
    )


def _concluded(text: str) -> str:
    return (
        marked_answer(text)
        or loosely_stated_answer(text, everywhere=True)
        or closing_value(text)
        or lone_number(text)
        or leading_option(text)
        or ""
    )


def _stated(text: str) -> str:
    """The answer of a thought, which may have been cut off at any number."""
    return (
        marked_answer(text)
        or loosely_stated_answer(text)
        or lone_number(text, cut_off=True)
        or leading_option(text)
        or whole_answer(text)
        or ""
    )


def _goes_on(text: str) -> bool:
    """Whether the last sentence resumes the thought, with nothing boxed after it."""
    last = text.rstrip()[-300:].rpartition("boxed")[2]
    return bool(_HESITATES.search(_SENTENCE_END.split(last.rstrip(".!? \n"))[-1]))
