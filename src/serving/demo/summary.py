"""Compares the time and tokens of both methods in one line."""

from __future__ import annotations

from ..usage import AnswerUsage


def summary(sprint: AnswerUsage, serial: AnswerUsage) -> str:
    """`SPRINT 3.1 s, 210 sequential tokens of 340; serial 4.4 s, 420 tokens; 1.4 times as fast`."""
    tokens = f"{sprint.completion} tokens"
    if sprint.sequential is not None:
        tokens = f"{sprint.sequential} sequential tokens of {sprint.completion}"
    ratio = serial.seconds / sprint.seconds if sprint.seconds else 0.0
    return (
        f"SPRINT {sprint.seconds:.1f} s, {tokens}; "
        f"serial {serial.seconds:.1f} s, {serial.completion} tokens; {ratio:.1f} times as fast"
    )
