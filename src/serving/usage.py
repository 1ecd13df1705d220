"""The usage of an answer: OpenAI's fields, and figures of the tree of calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..utils.grammar import parse
from ..utils.records import Call, Result
from ..utils.results.critical_path import path_time
from ..utils.tokens.counting import count_tokens
from ..utils.tokens.folder_counts import without_think_tags

Count = Callable[[str], int]
"""Counts the tokens of a text."""


@dataclass(frozen=True)
class AnswerUsage:
    """All calls of an answer, including discarded ones.

    `answer` counts the tokens of its content. `sequential` counts the tokens that were decoded one
    after another, as reports do; None without a tokenizer.
    """

    prompt: int
    cached: int
    completion: int
    answer: int
    sequential: int | None
    phases: int
    width: int
    seconds: float
    critical_path_seconds: float

    @classmethod
    def of(
        cls, result: Result, answer_pieces: int, count: Count | None, *, serial: bool
    ) -> AnswerUsage:
        """`answer_pieces` is the number of pieces of the answer's stream."""
        calls = result.calls
        sequential, phases, width = _serial(result, count) if serial else _parallel(result, count)
        return cls(
            prompt=sum(call.prompt_tokens for call in calls),
            cached=sum(call.cached_tokens for call in calls),
            completion=sum(call.completion_tokens for call in calls),
            answer=_answer_tokens(calls, answer_pieces, serial=serial),
            sequential=sequential,
            phases=phases,
            width=width,
            seconds=round(result.elapsed, 4),
            critical_path_seconds=round(path_time(calls, result.elapsed).calls, 4),
        )

    @classmethod
    def of_all(cls, choices: Sequence[AnswerUsage]) -> AnswerUsage:
        """Of answers solved concurrently: adds their tokens and takes the longest path."""
        sequential = [one.sequential for one in choices if one.sequential is not None]
        return cls(
            prompt=sum(one.prompt for one in choices),
            cached=sum(one.cached for one in choices),
            completion=sum(one.completion for one in choices),
            answer=sum(one.answer for one in choices),
            sequential=max(sequential, default=None),
            phases=max(one.phases for one in choices),
            width=max(one.width for one in choices),
            seconds=max(one.seconds for one in choices),
            critical_path_seconds=max(one.critical_path_seconds for one in choices),
        )

    @property
    def openai(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": self.cached},
            "completion_tokens_details": {"reasoning_tokens": self.completion - self.answer},
        }

    @property
    def responses(self) -> dict[str, Any]:
        """As the Responses API names it. No server tells what it writes to its cache."""
        return {
            "input_tokens": self.prompt,
            "input_tokens_details": {"cached_tokens": self.cached, "cache_write_tokens": 0},
            "output_tokens": self.completion,
            "output_tokens_details": {"reasoning_tokens": self.completion - self.answer},
            "total_tokens": self.prompt + self.completion,
        }

    @property
    def sprint(self) -> dict[str, Any]:
        return {
            "sequential_tokens": self.sequential,
            "phases": self.phases,
            "width": self.width,
            "seconds": self.seconds,
            "critical_path_seconds": self.critical_path_seconds,
            "cached_tokens": self.cached,
        }


def _answer_tokens(calls: Sequence[Call], pieces: int, *, serial: bool) -> int:
    """Tokens of the call that wrote the answer; the number of its pieces, if that call also wrote
    the thought or was cut.
    """
    writers = [call for call in calls if call.role != "executor"]
    if not pieces or not writers:
        return 0
    written = writers[-1].completion_tokens
    return min(pieces, written) if serial or not writers[-1].kept else written


def _serial(result: Result, count: Count | None) -> tuple[int | None, int, int]:
    text = without_think_tags(result.text)
    return (None if count is None else count(text) if text else 0), 1, 1


def _parallel(result: Result, count: Count | None) -> tuple[int | None, int, int]:
    trajectory = parse(result.text)
    sequential = None if count is None else count_tokens(trajectory, count).sequential
    width = max((len(phase.prompts) for phase in trajectory.phases), default=0)
    return sequential, len(trajectory.phases), max(1, width)
