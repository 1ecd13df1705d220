"""How likely a step begins at a line, from its first words, the line before and the layout.

The weights are rough log likelihood ratios: how much more often a kind of line begins a step than
another paragraph of one. They were counted in 40 published trajectories of a SPRINT model, whose
plans and executions show where steps begin and end, and then rounded. Kinds that are too rare there
(cases, summaries, questions) and MID_PARAGRAPH were set by judgement.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .phrases import INTENT, computes, concludes

_TURN = r"(?:but|wait|hold on|hmm+|oh|however|actually|no)\b"
_LEAD = rf"\W*(?:(?:so|okay|ok|alright|well|and|also|maybe|or|just|{_TURN})\W+)*"
_DEED = rf"{INTENT}(?!\s+(?:see|say|think|recall|remember|note|be|have|know|assume|suppose)\b)"
_CLOSING = r"I (?:think|believe|am confident|don[’']t (?:think|see)|feel)\b"
_AGREED = r"(?:confirm|correct|same|match|consistent|solid|sense)"
_LOOK_BACK = (
    r"(?:(?:double-|cross-|re)?check|verify|make sure|confirm|recap|summarize"
    r"|(?:be )?(?:thorough|(?:absolutely )?(?:sure|certain)))\b"
)


@dataclass(frozen=True)
class Opening:
    """A kind of line. `wavers`: the more often a thought says it, the less it means."""

    weight: float
    pattern: re.Pattern[str]
    wavers: bool = False


def _opening(weight: float, pattern: str, *, wavers: bool = False) -> Opening:
    return Opening(weight, re.compile(pattern, re.IGNORECASE | re.DOTALL), wavers)


OPENINGS = (
    _opening(4, r"\W*(?:the )?final(?:izing)?\b.{0,20}\b(?:answer|solution)"),
    _opening(3, rf"(?=.{{0,120}}\b{_LOOK_BACK})(?:.{{0,60}}\b{INTENT}|{_LEAD}to\b)"),
    _opening(2, rf"{_LEAD}(?:now,? )?(?:putting .{{0,40}}together|in (?:summary|conclusion))\b"),
    _opening(2, r"\W*(?:case|step|part|method|approach|option) (?:\d+|[A-Z]|one|two|three)\b"),
    _opening(
        2,
        rf"{_LEAD}(?:alternatively|another|is there|how about|what (?:about|if))\b",
        wavers=True,
    ),
    _opening(2, rf"\W*{_TURN}\W+(?:wait|hold on|{_DEED})\b", wavers=True),
    _opening(1, r"\W*(?:wait|hold on|hmm+)\b", wavers=True),
    _opening(2.5, rf"{_LEAD}(?:now|next|first|then|finally)\b,? .{{0,80}}\b{_DEED}"),
    _opening(1, rf"{_LEAD}(?:now|next)\b"),
    _opening(1, r".*\?\s*$"),
    _opening(1.5, rf"{_LEAD}{_CLOSING}"),
    _opening(0.5, rf"\W*(?:that|this|both|all|everything|these|the two)\b.{{0,60}}\b{_AGREED}"),
    _opening(-2, r"\W*(?:first|second|third|then|finally|similarly|likewise)\b"),
    _opening(1, rf"{_LEAD}(?:{_DEED}|to [a-z]+ )"),
    _opening(0.5, r"\W*(?:therefore|thus|hence)\b"),
    _opening(0, r"\W*so\b"),
    _opening(-0.5, r"\W*but\b", wavers=True),
    _opening(-1.5, r"\W*(?:I|a|[a-z]{2,})\b.*[a-z]{3,}"),
    _opening(-3, ""),
)
"""The first match counts."""

_OPEN_END = re.compile(r"[:,]\s*$")
_VERDICT = re.compile(r"\W*(?:yes|correct|perfect|good|great|that|this|both|all)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z]{3,}")
MID_PARAGRAPH = -4.0
"""For a line inside a paragraph, if the thought has paragraphs at all."""


def weigh_starts(lines: Sequence[str]) -> list[float]:
    """The evidence that each line begins a step; above 0 means more for it than against it."""
    kinds = [_kind(line) for line in lines]
    often = Counter(kinds)
    parted = any(_ends_paragraph(line) for line in lines[:-1])
    weights = [math.inf] if lines else []
    for before, kind in zip(lines, kinds[1:], strict=False):
        weight = kind.weight
        if kind.wavers and weight > 0:
            weight -= math.log(often[kind])
        within = parted and not _ends_paragraph(before)
        weights.append(weight + _weigh_end(before) + (MID_PARAGRAPH if within else 0))
    return weights


def _kind(line: str) -> Opening:
    return next(opening for opening in OPENINGS if opening.pattern.match(line))


def _weigh_end(line: str) -> float:
    """How much the line looks like the end of a step: a result does, a bare equation does not."""
    if _OPEN_END.search(line):
        return -3
    if concludes(line):
        return 1.5
    if computes(line):
        return -1.5
    if _VERDICT.match(line):
        return 0.5
    return 0 if _WORD.search(line) else -2


def _ends_paragraph(line: str) -> bool:
    """Whether a line break, even a single one, follows the line."""
    return "\n" in line[len(line.rstrip()) :]
