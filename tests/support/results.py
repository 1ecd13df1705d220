"""Made-up results for the tests of result folders."""

from __future__ import annotations

from sprint.utils.records import Call, Problem, Result

QUESTION = 'What is "1,5" + x,\nif x < 2 and\r\nπ > 3?'
"""Commas, quotes and line breaks: what a CSV has to survive."""


def result_of(index: int, problem_id: str | None = None, elapsed: float = 1.25) -> Result:
    """A result that depends on `index` alone."""
    problem = Problem(
        id=problem_id or f"test_sums_{index}",
        index=index,
        question=QUESTION,
        answer="007",
        solution="It is\n\\boxed{007}.",
        level="2",
        subject="sums",
    )
    call = Call(
        problem_id=problem.id,
        role="planner",
        phase=1,
        prompt=0,
        attempt=1,
        kept=True,
        started=0.0,
        first_token=0.1,
        finished=0.2,
        prompt_tokens=10 + index,
        cached_tokens=8,
        completion_tokens=5,
        finish_reason="stop",
    )
    text = f"<think>\nTrajectory {index} of {QUESTION}\n</think>"
    return Result(problem, text, text, "None", elapsed, (call, call), ("one", "two"))
