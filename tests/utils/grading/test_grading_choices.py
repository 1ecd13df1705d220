"""Which option an answer names, through the public function."""

from __future__ import annotations

import pytest
from sprint.base_model_evaluation.self_consistency import majority
from sprint.utils.grading import grade


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("B", "The answer is B because of x."),
        ("B", "Option (B): 5"),
        ("B", "Option B is correct."),
        ("B", "The correct answer is B) 4 eV"),
        ("B", "So I'd go with option B."),
        ("B", "B - Because it is"),
        ("B", "B because it is"),
        ("B", "B is the correct answer"),
        ("B", "the answer is (b)"),
        ("D", "(D) Both (A) and (B)"),
        ("C", "C. Because A and B are wrong"),
        ("B", "[B]"),
        ("B", r"{\bf B}"),
        ("B", r"\texttt{B}"),
        ("B", r"\boxed{\text{(B) } 5, \text{ by the law}}"),
        ("B", "(B) ions, e.g. those of sodium"),
        ("B", "B) a force"),
        ("C", "C, 25 ppm"),
        ("C", "(c), 25 ppm"),
        ("D", "(D) None of these is not wrong"),
        ("A", "The answer is A."),
        ("C", r"\boxed{C} and \boxed{C}"),
    ],
)
def test_one_option(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "correct"
    assert not grade("E", answer).correct


@pytest.mark.parametrize(
    "answer",
    [
        "(C) or (D)",
        "(C) and D",
        "C. or D.",
        "C) or D)",
        "c) or d)",
        "C/D",
        "C & D",
        "C) 5, D) 6",
        "C and D are both right",
        "option D or option C",
        "options D and C",
        r"\boxed{(C)} or \boxed{(D)}",
        r"\text{(C) or (D)}",
    ],
)
def test_two_options_are_wrong_whichever_is_first(answer: str) -> None:
    assert grade("C", answer).status == grade("D", answer).status == "incorrect"


@pytest.mark.parametrize(("gold", "answer"), [("D", "(D) None, or (A)"), ("A", "A. or B.")])
def test_an_option_that_takes_back_the_first(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "incorrect"


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("A", "A force of 5 N"),
        ("A", "The answer is A force"),
        ("I", "Answer: I think so"),
        ("B", "Both A and B"),
        ("B", "Neither A nor B"),
        ("B", "Option B is not correct"),
        ("B", "The answer isn't B"),
        ("B", "(B) is wrong"),
        ("B", "B is the magnetic field"),
        ("B", "the second one"),
    ],
)
def test_words_that_name_no_option_are_not_read(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "unparseable"


@pytest.mark.parametrize("answer", ["5", r"\sqrt{B}", "B + 1", "(B, 5)"])
def test_mathematics_names_no_option(answer: str) -> None:
    assert grade("B", answer).status == "incorrect"


def test_an_answer_with_two_options_wins_no_vote() -> None:
    assert majority(["(B) or (C)", "B", "C", "C"]).answer == "C"
