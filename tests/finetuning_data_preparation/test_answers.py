"""Which answer counts: the one that is trained, and the one that the thought itself states."""

from __future__ import annotations

import pytest
from sprint.finetuning_data_preparation.answers import (
    Judgement,
    closing_statement,
    judge,
    stated_answer,
)
from sprint.utils.records import Problem, Thought


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("So \\boxed{3}, no, \\boxed{5}. The answer is 3.", "5"),
        ("Let me add. So the sum is 20.", "20"),
        ("Therefore, the two numbers are $(3, 4)$.", "$(3, 4)$"),
        ("So 9 + 12 = 21.", "21"),
        ("Therefore, the final answer is **1,024** square inches!", "1,024"),
        ("The answer must be \\(\\frac{1}{2}\\), as I said. All is well.", "\\(\\frac{1}{2}\\)"),
        ("**Final Answer:** -7/2", "-7/2"),
        ("All is well.\n\n**Final Answer**\n6", "6"),
        ("**Final Answer** 0.93", "0.93"),
        ("So the answer is (1, 2).", "(1, 2)"),
        ("So the answer is x = 5.", "x = 5"),
        ("So the answer is **x^2 + 1**.", "x^2 + 1"),
        ("The answer is \\frac{3}{5}.", "\\frac{3}{5}"),
        ("The answer is 5cm.", "5cm"),
        ("So the answer is C.", "C"),
        ("The answer is (D).", "D"),
        ("The answer is 3. Wait, no. So the answer is 4.", "4"),
        ("Perhaps \\boxed{3}.\n</think>\n**Answer:** 4", "4"),
        ("<|begin_of_thought|>\\boxed{3}<|end_of_thought|>\\boxed{4}", "4"),
        ("So it is \\boxed{3}.\n</think>", "3"),
        ("Die Antwort ist $4$.", "$4$"),
    ],
)
def test_what_a_thought_states(text: str, answer: str) -> None:
    assert stated_answer(text) == answer


@pytest.mark.parametrize(
    "text",
    [
        "",
        "All steps are correct.",
        "The answer is 3?",
        "The answer is not 3.",
        "The answer is 5 million.",
        "The answer is 5 or 6.",
        "The answer is a.",
        "The answer is at least 3.",
        "Final Answer\n\nIt is not known.",
        "So the three integers are 58, 59 and 60.",
        "So a is 3 and b is 4.",
        "So P ends at 9.",
        "The answer is 3. One. Two. Three. Four. Five.",
        "So the sum is 20. Let me check.",
        "<think>\nSo it is \\boxed{3}.",
    ],
)
def test_what_a_thought_does_not_state(text: str) -> None:
    assert stated_answer(text) is None


@pytest.mark.parametrize(
    ("text", "solution", "judgement"),
    [
        ("So the sum is 20.", "It is $\\boxed{21}$.", Judgement(correct=False, stated=True)),
        ("So the sum is 21.", "It is $\\boxed{21}$.", Judgement(correct=True, stated=True)),
        ("So the sum is 21.", "It is $\\boxed{20}$.", Judgement(correct=False, stated=True)),
        ("So the sum is 21.", "", Judgement(correct=True, stated=True)),
        ("All is well.", "It is $\\boxed{21}$.", Judgement(correct=True, stated=False)),
        ("All is well.", "It is $\\boxed{20}$.", Judgement(correct=False, stated=False)),
        ("All is well.", "", Judgement(correct=False, stated=False)),
        ("All is well.", "**Answer:** 21", Judgement(correct=True, stated=False)),
        ("All is well.", "**Answer:** 20", Judgement(correct=False, stated=False)),
        ("So the sum is 21.", "The answer is 20.", Judgement(correct=False, stated=True)),
    ],
)
def test_thought_and_trained_answer_must_both_be_right(
    text: str, solution: str, judgement: Judgement
) -> None:
    assert judge(Thought(Problem("0", 0, "?", "21", solution), text)) == judgement


@pytest.mark.parametrize(
    ("solution", "statement"),
    [
        ("We add. So it is $\\boxed{4}$.\n\nThat is all.", "So it is $\\boxed{4}$."),
        ("It is $\\boxed{3}$. No, it is $\\boxed{4}$.", "No, it is $\\boxed{4}$."),
        ("It is 4.", "The answer is $\\boxed{4}$."),
        ("", "The answer is $\\boxed{4}$."),
    ],
)
def test_closing_statement(solution: str, statement: str) -> None:
    assert closing_statement(Problem("0", 0, "?", "4", solution=solution)) == statement
