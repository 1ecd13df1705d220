from __future__ import annotations

import pytest
from sprint.base_model_evaluation.voting import majority


@pytest.mark.parametrize(
    ("answers", "winner"),
    [
        ([], ""),
        (["", ""], ""),
        (["7"], "7"),
        (["7", "8", "8"], "8"),
        (["", "", "", "7"], "7"),
        (["7", "8"], "7"),
        # Three forms of a half together outvote two votes for a third.
        (["1/3", r"\frac{1}{2}", "1/3", "0.5", r"\frac12"], r"\frac{1}{2}"),
        # The form that most of the winners give.
        (["0.5", "1/2", "1/2"], "1/2"),
        ([r"x \in [-2,7]", "[-2,7]", "5"], r"x \in [-2,7]"),
        (["Evelyn", "evelyn", "Ben"], "Evelyn"),
    ],
)
def test_the_majority_counts_equal_answers_together(answers: list[str], winner: str) -> None:
    assert majority(answers) == winner


def test_hostile_answers_neither_stall_nor_win() -> None:
    towers = ["9^{9^{9^{9}}}", r"(10^9)!", "((((((((" * 200]
    assert majority([*towers, "4", "4"]) == "4"
