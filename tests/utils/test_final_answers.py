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
        ("She sells 9.\n#### 18", "18"),
        ("<think>hm</think>\n#### 1,018", "1,018"),
        ("hm</think>#### \\$18", "\\$18"),
        ("hm</think>#### B", "B"),
        ("hm</think>#### Check", "#### Check"),
        ("hm\n#### 2. Check", ""),
        ("hm</think>The answer is below.\n<answer> 6 * 4 </answer>", "6 * 4"),
        ("<answer>5</answer>, no, <answer>\n6\n</answer>", "6"),
        ("<answer>...</answer>", ""),
        ("<answer>5", ""),
        ("hm</think>Therefore, Janet makes \\$18 every day.", "18"),
        ("hm</think>She sells 9. So Janet makes $1,018.50 every day.", "1,018.50"),
        ("hm</think>She sells 9. Then she makes **$18** every day.", "18"),
        ("hm</think>The rest falls by 15% each year.", "15%"),
        ("All is well.", ""),
        ("There are two cases. The first is easy.", ""),
        ("", ""),
    ],
)
def test_answer_of_a_serial_response(response: str, answer: str) -> None:
    assert serial_answer(response) == answer


@pytest.mark.parametrize(
    "sentence",
    [
        "She sells 9, so she makes $18 every day.",
        "She sells 9. Then she makes $18 every day.",
        "So she sells two of them for $18 every day.",
        "So she does not make $18 every day.",
        "So she makes 18 million every day.",
        "So she makes at least 18 every day.",
        "So she makes 18th place every day.",
        "So this was step 18 of them.",
        "So option C gives 25 ppm.",
        "C, 25 ppm",
        "25 cm",
        "So the set has x^2 for 3.",
        "So does she make $18 every day?",
        "So she makes 2:30 every day.",
        "So she has a 5-day week.",
    ],
)
def test_sentences_whose_number_is_not_read(sentence: str) -> None:
    assert serial_answer(f"hm</think>{sentence}") == sentence


def test_a_thought_that_is_cut_off_has_no_lone_number() -> None:
    assert serial_answer("So Janet makes $18 every day.") == ""


@pytest.mark.parametrize(
    ("final_answer", "answer"),
    [
        (r"So it is \boxed{5}.", "5"),
        ("The answer is 5.", "5"),
        ("Therefore, Janet makes \\$18 every day.", "18"),
        ("#### 18", "18"),
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
        "<answer>" * 100_000,
        "#### " + "5 " * 2000 + "~",
    ],
)
def test_long_runs_are_read_in_no_time(text: str) -> None:
    """They took half a minute each, in which all streams stood still."""
    assert [serial_answer(text) for _ in range(20)] == [""] * 20
