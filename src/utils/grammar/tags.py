"""The tags of a trajectory: their names, how they are written, and how they are found in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

SEPARATOR = "-----"
"""Separates parts of a plan that were not adjacent in the original thought."""

NO_PROMPT = "No prompt to execute."
"""The content of the execution block of a phase whose plan has no prompt."""

MAX_TAG_LENGTH = 32
"""Maximum characters of a tag, and so of the text that a stream reader must hold back."""


class TagKind(Enum):
    """The kinds of tags; the value is the name as it is written."""

    QUESTION = "Question"
    THINK = "think"
    PLAN = "Plan"
    PROMPT = "prompt"
    EXECUTION_BLOCK = "Execution"
    EXECUTION = "execution"
    FINAL_ANSWER = "Final_answer"


class Tag(NamedTuple):
    """A tag found in a text: `text[start:end]`.

    `phase` and `number` are the i and k of `<prompt_i.k>` as written, None if missing. An execution
    tag without k is an EXECUTION_BLOCK; `lower` is whether its name begins with a small letter, as
    that of a single execution does.
    """

    kind: TagKind
    closing: bool
    phase: int | None
    number: int | None
    lower: bool
    start: int
    end: int

    @property
    def order(self) -> int | None:
        """The k of a tag within a phase; a lone number (`<prompt_2>`) counts as k."""
        return self.phase if self.number is None else self.number


# Only single spaces, and numbers of bounded length: the match is linear, a tag never spans lines,
# and every number found is a harmless int. ASCII, because IGNORECASE alone would accept the long s
# and the Kelvin sign as letters of a tag.
_TAG = re.compile(
    r"<(/?)(question|think|plan|prompt|execution|final[_ ]?answer)"
    r"(?:[_ ]?([0-9]{1,6})(?:[._]([0-9]{1,6}))?)? ?>",
    re.IGNORECASE | re.ASCII,
)
_NAMES = ("question", "think", "plan", "prompt", "execution", "final_answer", "final answer")
_PARTIAL_NUMBER = re.compile(r"[_ ]?(?:[0-9]{1,6}(?:[._][0-9]{0,6})?)? ?", re.ASCII)
_KINDS = {
    "question": TagKind.QUESTION,
    "think": TagKind.THINK,
    "plan": TagKind.PLAN,
    "prompt": TagKind.PROMPT,
    "finalanswer": TagKind.FINAL_ANSWER,
}


def open_tag(kind: TagKind, phase: int | None = None, number: int | None = None) -> str:
    """The opening tag as it is written: `<think>`, `<Plan_2>`, `<prompt_2.1>`."""
    return f"<{_label(kind, phase, number)}>"


def close_tag(kind: TagKind, phase: int | None = None, number: int | None = None) -> str:
    """The closing tag as it is written: `</think>`, `</Plan_2>`, `</prompt_2.1>`."""
    return f"</{_label(kind, phase, number)}>"


def _label(kind: TagKind, phase: int | None, number: int | None) -> str:
    label = kind.value
    if phase is not None:
        label += f"_{phase}"
    if number is not None:
        label += f".{number}"
    return label


def find_tags(text: str) -> Iterator[Tag]:
    """All grammar tags in `text`, in order, in any case and with any numbers.

    Anything else between `<` and `>` is content and is skipped.
    """
    for match in _TAG.finditer(text):
        slash, name, phase, number = match.groups()
        kind = _KINDS.get(name.lower().replace("_", "").replace(" ", ""))
        if kind is None:
            kind = TagKind.EXECUTION_BLOCK if number is None else TagKind.EXECUTION
        yield Tag(
            kind=kind,
            closing=bool(slash),
            phase=int(phase) if phase else None,
            number=int(number) if number else None,
            lower=name[0].islower(),
            start=match.start(),
            end=match.end(),
        )


def contains_tag(text: str) -> bool:
    """Whether `text` contains a grammar tag, so that it cannot be content."""
    return _TAG.search(text) is not None


def belongs_to_grammar(token: str) -> bool:
    """Whether a token, such as one added to a tokenizer, is a tag or the beginning of one."""
    return contains_tag(token) or token == SEPARATOR or not without_partial_tag(token)


def ends_with_tag(text: str, kind: TagKind) -> bool:
    """Whether the last characters of `text` are a closing tag of this kind."""
    tail = text[-MAX_TAG_LENGTH:]
    return any(tag.closing and tag.kind is kind and tag.end == len(tail) for tag in find_tags(tail))


def without_partial_tag(text: str) -> str:
    """`text` without a partial tag at its very end, left by truncation."""
    start = text.rfind("<", max(0, len(text) - MAX_TAG_LENGTH))
    if start < 0:
        return text
    body = text[start + 1 :].removeprefix("/").lower()
    for name in _NAMES:
        if name.startswith(body):
            return text[:start]
        if body.startswith(name) and _PARTIAL_NUMBER.fullmatch(body, len(name)):
            return text[:start]
    return text
