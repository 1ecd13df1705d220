"""The numbered lines of a thought for an annotator, or why it cannot be annotated."""

from __future__ import annotations

from typing import NamedTuple

from ..utils.annotation.faults import FaultKind, RowFault
from ..utils.errors import FormatError
from ..utils.grammar.lines import render_numbered, split_lines
from ..utils.grammar.tags import find_tags


class Numbered(NamedTuple):
    """The lines of a thought, and the text that numbers them."""

    lines: list[str]
    text: str


def number_lines(thought: str, question: str) -> Numbered | RowFault:
    """The numbered thought. `question` is checked too, because a trajectory also holds it."""
    if not thought.strip():
        return RowFault(FaultKind.EMPTY, "The thought is empty.")
    for name, text in (("thought", thought), ("question", question)):
        if tag := next(find_tags(text), None):
            words = f"The {name} holds {text[tag.start : tag.end]}, a tag of the trajectory format."
            return RowFault(
                FaultKind.TAGS, f"{words} Correct it in the dataset, or leave the row out."
            )
    lines = split_lines(thought)
    try:
        return Numbered(lines, render_numbered(lines))
    except FormatError as error:
        return RowFault(FaultKind.LINE_TAGS, str(error))
