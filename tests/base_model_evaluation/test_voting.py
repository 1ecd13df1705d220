from __future__ import annotations

import itertools
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.base_model_evaluation import self_consistency
from sprint.base_model_evaluation.self_consistency import EqualAnswers, Vote, majority
from sprint.utils.grading import Grade, same_expression


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
    assert majority(answers).answer == winner


@pytest.mark.parametrize(
    ("answers", "lead"), [([], 0), (["7"], 1), (["7", "8"], 0), (["7", "8", "7", "7"], 2)]
)
def test_the_lead_is_over_all_others(answers: list[str], lead: int) -> None:
    assert majority(answers).lead == lead


@given(st.lists(st.sampled_from("abcd"), max_size=12))
def test_ending_early_changes_no_answer(answers: list[str]) -> None:
    vote = majority(answers, lambda one, other: one == other)
    times = Counter(answers)
    assert vote.answer == max(times, key=lambda one: times[one], default="")
    others = [votes for answer, votes in times.items() if answer != vote.answer]
    assert 0 <= vote.lead <= times[vote.answer] - max(others, default=0)


def test_counting_ends_where_no_other_can_win() -> None:
    compared = list[str]()

    def equal(_: str, other: str) -> bool:
        compared.append(other)
        return False

    assert majority([*"aaaabcd"], equal) == Vote("a", 1)
    assert compared == []


def test_a_vote_can_be_stopped() -> None:
    asked = itertools.count()
    vote = majority([*"abcdefgh"], lambda *_: False, lambda: next(asked) > 5)
    assert vote.answer == "a"
    assert next(asked) < 12


def test_expressions_are_the_same_by_their_numbers() -> None:
    """A majority for a way to the target is none for the target itself."""
    votes = ["2*3*4", "4*3*2", "3*2*4", "4*6", "4*6", "24", "24"]
    vote = majority(votes, same_expression)
    assert vote == Vote("2*3*4", 1)


def test_what_a_vote_may_take_is_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine where everything takes an hour the vote is the same."""
    hours = itertools.count(step=3600)
    monkeypatch.setattr(time, "monotonic", lambda: float(next(hours)))
    assert majority(["1/3", r"\sqrt{8}", "1/3", r"2\sqrt{2}", r"\sqrt{2}*2"]).answer == r"\sqrt{8}"


def test_comparisons_end_when_the_processor_time_of_the_vote_is_used_up() -> None:
    asked = list[float]()

    def graded(pairs: list[tuple[str, str]], *, timeout_s: float) -> list[Grade]:
        asked.append(timeout_s)
        return [Grade("timeout", seconds=timeout_s)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(self_consistency, "grade_many", graded)
        majority([*"abcdefgh"], EqualAnswers(budget_s=5.0))
    assert asked == [2.0, 2.0, 1.0]


def test_hostile_answers_neither_stall_nor_win() -> None:
    towers = ["9^{9^{9^{9}}}", r"(10^9)!", "((((((((" * 200]
    assert majority([*towers, "4", "4"]).answer == "4"
