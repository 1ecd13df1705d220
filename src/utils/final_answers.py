"""The final answer in what a method wrote, as the CSV column PredictedFinalAnswer keeps it."""

from __future__ import annotations

from .grading import extract_final_answer
from .grammar.tags import TagKind, close_tag
from .stated_answers import lone_number, loosely_stated_answer, marked_answer


def serial_answer(response: str) -> str:
    """The content of the last box, or what is stated without one; empty where there is neither.

    Where there is no box, what stands after the thought counts, else the thought's closing lines.
    """
    boxed = extract_final_answer(response)
    if boxed is not None:
        return boxed
    thought, tag, after = response.rpartition(close_tag(TagKind.THINK))
    if not tag:
        return _stated(response)
    return _concluded(after) or after.strip() or _stated(thought)


def sprint_answer(final_answer: str | None) -> str:
    """The content of the last box, or what is stated without one, or all of it; empty for None."""
    boxed = extract_final_answer(final_answer or "")
    return boxed if boxed is not None else _concluded(final_answer or "") or final_answer or ""


def _stated(text: str) -> str:
    return marked_answer(text) or loosely_stated_answer(text) or ""


def _concluded(text: str) -> str:
    """As `_stated`, of a text behind a thought. A thought may be cut off at any number."""
    return _stated(text) or lone_number(text) or ""
