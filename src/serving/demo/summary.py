"""Compares the time and tokens of both methods in one line."""

from __future__ import annotations

from ..usage import AnswerUsage


def summary(sprint: AnswerUsage, serial: AnswerUsage) -> str:
    """`SPRINT 3.1 s, 210 sequential tokens of 340; serial 4.4 s, 420 tokens; 1.4 times as fast`.

    Without an answer of both there is nothing to compare.
    """
    tokens = f"{sprint.completion} tokens"
    if sprint.sequential is not None and sprint.answer:
        tokens = f"{sprint.sequential} sequential tokens of {sprint.completion}"
    parts = [
        f"SPRINT {sprint.seconds:.1f} s, {tokens}",
        f"serial {serial.seconds:.1f} s, {serial.completion} tokens",
    ]
    if sprint.answer and serial.answer and sprint.seconds:
        parts.append(f"{serial.seconds / sprint.seconds:.1f} times as fast")
    return "; ".join(parts)
