from __future__ import annotations

import pytest
from sprint.utils.final_answers import serial_answer, sprint_answer


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (r"so \boxed{5}.</think> It is 6.", "5"),
        ("2 + 2 is 4.</think> The answer is 4.", "4"),
        ("2 + 2 is 4.</think> 4", "4"),
        ("Therefore, the answer is Evelyn.\n</think>", "Evelyn"),
        ("Therefore, the solution to the equation is x=10.\n</think>", "10"),
        ("So the greatest common divisor is indeed 21.", "21"),
        ("- There are two distinct values of x that make it undefined.\n</think>", "2"),
        ("All is well.", ""),
        ("There are two cases. The first is easy.", ""),
        ("", ""),
    ],
)
def test_answer_of_a_serial_response(response: str, answer: str) -> None:
    assert serial_answer(response) == answer


@pytest.mark.parametrize(
    ("final_answer", "answer"),
    [
        (r"So it is \boxed{5}.", "5"),
        ("The answer is 5.", "5"),
        ("5", "5"),
        ("None at all", "None at all"),
        ("", ""),
        (None, ""),
    ],
)
def test_answer_of_a_trajectory(final_answer: str | None, answer: str) -> None:
    assert sprint_answer(final_answer) == answer


@pytest.mark.parametrize(
    "text",
    [
        "The answer is" + " " * 3980 + "~",
        "We get 5. The answer is" + " " * 2500 + "5 x~",
        "answer is " + "*" * 2000 + "~",
        "the answer is 5" + " ab" * 1200 + "~",
    ],
)
def test_long_runs_are_read_in_no_time(text: str) -> None:
    """They took half a minute each, in which all streams stood still."""
    assert [serial_answer(text) for _ in range(20)] == [""] * 20
