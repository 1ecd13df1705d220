"""Both directions of each fault that graders are known for, through the public function."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from sprint.utils.grading import grade, grade_many
from sprint.utils.grading.answer_reading import read_answer
from sprint.utils.grading.answer_types import Named, Quantity

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "math500.jsonl"

UNREADABLE = [
    r"\frac{",
    "__import__('os').system('true')",
    "Therefore it might be 5",
    r"5\text{ tenths}",
    r"\text{five more than the number of apples}",
    "x**",
]


LABELLED = Path(__file__).with_name("labelled_pairs.jsonl")
"""Pairs of a reference and an answer, whether they are the same, and what is hard about them.

The labels are a reader's: where the grader disagreed, the grader was repaired.
"""


def test_labelled_pairs_are_graded_as_a_reader_does() -> None:
    pairs = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    assert len(pairs) >= 300
    grades = grade_many((pair["gold"], pair["answer"]) for pair in pairs)
    found = list(zip(pairs, grades, strict=True))
    assert [pair for pair, one in found if one.correct and not pair["same"]] == []
    missed = [pair for pair, one in found if pair["same"] and not one.correct]
    assert len(missed) <= 0.01 * sum(pair["same"] for pair in pairs), missed


@pytest.mark.parametrize("answer", UNREADABLE)
def test_what_cannot_be_read_is_unparseable(answer: str) -> None:
    found = grade("5", answer)
    assert (found.status, bool(found.detail)) == ("unparseable", True)


def test_gold_that_cannot_be_read_is_not_blamed_on_the_answer() -> None:
    assert grade(r"\frac{", r"\sqrt{2}").status == "gold_unparseable"


@pytest.mark.parametrize("answer", [None, "", "  \n", r"\boxed{}", r"we get \boxed{5"])
def test_missing_or_cut_off_answer_is_no_answer(answer: str | None) -> None:
    assert grade("5", answer).status == "no_answer"


def test_grades_come_in_the_order_of_the_pairs() -> None:
    pairs = [(r"2\sqrt{2}", r"\sqrt{8}"), ("1", "2"), (r"\sqrt2", r"\sqrt3"), ("3", None)]
    assert [grade.status for grade in grade_many(pairs * 5)] == [
        "correct",
        "incorrect",
        "incorrect",
        "no_answer",
    ] * 5


def test_grade_says_what_was_compared() -> None:
    assert grade("5", r"first \boxed{4}, then \boxed{ 5 }").answer == "5"


@pytest.fixture(scope="module")
def math500_answers() -> list[str]:
    if not DATA.is_file():
        pytest.skip("needs math500.jsonl of ../shared/data")
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["answer"] for line in lines]


def test_each_math500_answer_equals_itself_in_a_sentence(math500_answers: list[str]) -> None:
    texts = [f"Therefore it is $\\boxed{{ {answer}\\, }}$." for answer in math500_answers]
    grades = grade_many(zip(math500_answers, texts, strict=True))
    assert [found for found in grades if not found.correct] == []


def test_different_math500_answers_are_readable_and_told_apart(math500_answers: list[str]) -> None:
    distinct = sorted({_bare(answer): answer for answer in math500_answers}.values())
    pairs = list(itertools.pairwise(distinct))
    grades = zip(pairs, grade_many(pairs), strict=True)
    assert [(pair, found) for pair, found in grades if found.status != "incorrect"] == []


def _bare(answer: str) -> object:
    """The value without its name and its unit, which an answer may leave out."""
    value = read_answer(answer)
    value = value.value if isinstance(value, Named) else value
    return value.tree if isinstance(value, Quantity) else getattr(value, "tree", value)


REWRITINGS = [
    "${}$.",
    r"\({}\)",
    r"\[{}\]",
    r"\boxed{{{}\,}}",
    "**{}**",
    r"\color{{blue}}{{{}}}",
    r"\mathbf{{{}}}",
    r"{{\displaystyle {}\;}}",
    r"{} \quad \checkmark",
    "The answer is {}.",
]


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_math500_answers_equal_their_rewritings(math500_answers: list[str], rewriting: str) -> None:
    pairs = [(answer, rewriting.format(answer)) for answer in sorted(set(math500_answers))]
    grades = zip(pairs, grade_many(pairs), strict=True)
    assert [pair for pair, found in grades if not found.correct] == []
