"""Reads finished trajectories strictly: nothing is added, moved or lost without being named.

The tolerant parser reads anything. Here, what it read is rendered again and compared with the text,
tag by tag. Numbers, case and white space may differ: each is a named repair.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from ..errors import FormatError
from ..records import Trajectory
from .parse import parse
from .plain import plain_content
from .render import render, render_question
from .tags import NO_PROMPT, Tag, TagKind, find_tags
from .turns import without_turn_marks


class Malformation(StrEnum):
    """Why a text is not a finished trajectory; the value is its name in reports."""

    NO_PLAN = "no_plan"
    """Neither a plan, nor a final answer that holds everything."""
    NO_QUESTION = "no_question"
    """Neither the text nor the caller gives the question."""
    NO_ANSWER = "no_final_answer"
    EMPTY = "empty_prompt_or_execution"
    """A prompt without text or execution, or an execution without a prompt."""
    TAGS = "malformed_tags"
    """Tags that are not closed, or are not where the grammar has them."""
    SEVERAL = "several_trajectories"
    OUTSIDE = "text_outside_of_blocks"
    """Text between the blocks, which would be lost."""


class Repair(StrEnum):
    """How a text differs from its trajectory as rendered; the value is its name in reports."""

    RENUMBERED = "renumbered_tags"
    REORDERED = "reordered_executions"
    LAYOUT = "rewritten_layout"
    """Only white space, case, or the sentence for a plan without prompts differ."""
    TAIL = "text_after_the_final_answer"
    OTHER_QUESTION = "another_question_in_its_column"


_WHOLE = {TagKind.QUESTION, TagKind.PLAN, TagKind.FINAL_ANSWER}
"""The blocks of every trajectory."""


class NotFinishedError(FormatError):
    """A text is not a finished trajectory; `kind` says why."""

    def __init__(self, kind: Malformation) -> None:
        super().__init__(
            f"The text is not a finished trajectory ({kind.replace('_', ' ')}): expected a "
            "question, complete phases and a final answer."
        )
        self.kind = kind


class Finished(NamedTuple):
    """A trajectory with question, phases and final answer, and what was repaired in its text."""

    trajectory: Trajectory
    repairs: frozenset[Repair]


def parse_finished(text: str, question: str = "", instruction: str = "") -> Finished:
    """Parse the text of a finished trajectory. NotFinishedError if it is none.

    The question is the last question block before the plan (an instruction may mention one); else
    the text between `instruction` and the plan; else `question`, read in the same way. Other text
    before the plan, and the marks of turns of a chat, do not belong to the trajectory; it may
    mention tags, but a second trajectory there is refused. Without a plan, the final answer is the
    whole trajectory; then nothing but a question block may stand before it, because a thought there
    would be lost.
    """
    other_line_ends = 0 < text.count("\r\n") == text.count("\n")
    if other_line_ends:
        text, question, instruction = (
            it.replace("\r\n", "\n") for it in (text, question, instruction)
        )
    head, body, tail = _parts(text, instruction)
    asked = _question(head, instruction)
    known = _question(question, instruction) or question.strip()
    if not (asked or known):
        raise NotFinishedError(Malformation.NO_QUESTION)
    try:
        came = f"{render_question(asked or known)}\n\n{body}"
        trajectory = parse(came)
        if not trajectory.final_answer:
            raise NotFinishedError(Malformation.NO_ANSWER)
        if not all(text for it in trajectory.phases for text in (*it.prompts, *it.executions)):
            raise NotFinishedError(Malformation.EMPTY)
        repairs = _differences(came, render(trajectory, think=False))
    except NotFinishedError:
        raise
    except FormatError as error:
        raise NotFinishedError(Malformation.TAGS) from error
    if other_line_ends:
        repairs |= {Repair.LAYOUT}
    if tail:
        repairs |= {Repair.TAIL}
    if asked and known and asked.split() != known.split():
        repairs |= {Repair.OTHER_QUESTION}
    return Finished(trajectory, frozenset(repairs))


def _parts(text: str, instruction: str) -> tuple[str, str, str]:
    """The text before the first block (its end, if it has a question block), the blocks, and the
    rest."""
    start = text.find(instruction) + len(instruction) if instruction in text else 0
    tags = [tag for tag in find_tags(text) if tag.start >= start]
    questions = [tag for tag in tags if tag.kind is TagKind.QUESTION and not tag.closing]
    asking = questions[-1].start if questions else start
    plans = [tag for tag in tags if tag.kind is TagKind.PLAN and tag.start >= asking]
    first = plans[0] if plans else _answer_at_once(text, tags, start, asking if questions else None)
    answers = [tag for tag in tags if tag.kind is TagKind.FINAL_ANSWER and tag.closing]
    end = answers[-1].end if answers else len(text)
    if {tag.kind for tag in tags if tag.start < asking and tag.closing} >= _WHOLE:
        raise NotFinishedError(Malformation.SEVERAL)
    if any(tag.kind is not TagKind.THINK for tag in tags if tag.start >= end):
        raise NotFinishedError(Malformation.TAGS)
    head = text[asking if questions else 0 : first.start]
    return head, text[first.start : end], without_turn_marks(plain_content(text[end:]))


def _answer_at_once(text: str, tags: list[Tag], start: int, asking: int | None) -> Tag:
    """The opening of a final answer without plans. `asking`: where the question block begins."""
    for tag in tags:
        if tag.kind is TagKind.FINAL_ANSWER and not tag.closing and tag.start >= (asking or start):
            if asking is None and without_turn_marks(plain_content(text[start : tag.start])):
                break
            return tag
    raise NotFinishedError(Malformation.NO_PLAN)


def _question(text: str, instruction: str) -> str:
    """The question in the text before a plan, "" if it is not known where it begins."""
    blocks = [tag for tag in find_tags(text) if tag.kind is TagKind.QUESTION]
    if blocks:
        if len(blocks) < 2 or not blocks[-1].closing or blocks[-2].closing:
            raise NotFinishedError(Malformation.TAGS)
        if without_turn_marks(plain_content(text[blocks[-1].end :])):
            raise NotFinishedError(Malformation.OUTSIDE)
        return text[blocks[-2].end : blocks[-1].start].strip()
    if not instruction or instruction not in text:
        return ""
    return without_turn_marks(plain_content(text.partition(instruction)[2]))


class _Piece(NamedTuple):
    """A tag, and the text up to the next one."""

    tag: Tag
    text: str

    @property
    def name(self) -> tuple[TagKind, bool]:
        return self.tag.kind, self.tag.closing

    @property
    def numbered(self) -> tuple[TagKind, bool, int | None, int | None]:
        return *self.name, self.tag.phase, self.tag.number


def _differences(came: str, written: str) -> set[Repair]:
    """How a text differs from its rendered form. NotFinishedError if no repair explains it."""
    if came == written:
        return set()
    pieces, wanted = _pieces(came), _pieces(written)
    if [it.name for it in pieces] != [it.name for it in wanted]:
        raise NotFinishedError(Malformation.TAGS)
    repairs = set[Repair]()
    if [it.text for it in pieces] != [it.text for it in wanted]:
        if sorted(it.text for it in pieces) != sorted(it.text for it in wanted):
            raise NotFinishedError(Malformation.OUTSIDE)
        repairs.add(Repair.REORDERED)
    if Counter(it.numbered for it in pieces) != Counter(it.numbered for it in wanted):
        repairs.add(Repair.RENUMBERED)
    return repairs or {Repair.LAYOUT}


def _pieces(text: str) -> list[_Piece]:
    """The tags with their texts, without execution blocks that say that there is no prompt."""
    tags = [*find_tags(text)]
    ends = [*(tag.start for tag in tags[1:]), len(text)]
    pieces = list[_Piece]()
    for tag, end in zip(tags, ends, strict=True):
        piece = _Piece(tag, text[tag.end : end].strip())
        if piece.name == (TagKind.EXECUTION_BLOCK, True) and _says_nothing(pieces[-1:]):
            pieces.pop()
            if not piece.text:
                continue
        pieces.append(piece)
    return pieces


def _says_nothing(last: list[_Piece]) -> bool:
    return any(
        piece.name == (TagKind.EXECUTION_BLOCK, False)
        and NO_PROMPT.lower().startswith(piece.text.lower())
        for piece in last
    )
