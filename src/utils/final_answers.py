"""The final answer in what a method wrote, as the CSV column PredictedFinalAnswer keeps it."""

from __future__ import annotations

from .grading import extract_final_answer
from .grammar.tags import TagKind, close_tag
from .stated_answers import loosely_stated_answer


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
    return _stated(after) or after.strip() or _stated(thought)


def sprint_answer(final_answer: str | None) -> str:
    """The content of the last box, or what is stated without one, or all of it; empty for None."""
    boxed = extract_final_answer(final_answer or "")
    return boxed if boxed is not None else _stated(final_answer or "") or final_answer or ""


def _stated(text: str) -> str:
    return loosely_stated_answer(text) or ""
