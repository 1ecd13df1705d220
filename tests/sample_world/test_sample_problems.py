"""The sample world: right in every step, seeded, and with disjoint splits.

The tests solve every problem anew from its question alone, with arithmetic of their own.
"""

from __future__ import annotations

import json
import random
import re
import sys
from itertools import islice, pairwise
from math import prod
from pathlib import Path
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.sample_world import __main__ as command
from sprint.sample_world.problems import FAMILIES, LEVELS, SampleProblem, make, sample_problems
from sprint.utils.datasets_io import DataSource, load_problems, load_thoughts
from sprint.utils.grading import extract_final_answer
from sprint.utils.grammar import contains_tag

NUMBER_EQUATION = re.compile(r"(?<![\w+*=-])([\d+*-]+)=(\d+)\b")
NAME_EQUATION = re.compile(r"\b([P-Z])=([\d+*-]+)")
NAME_STATEMENT = re.compile(r"\b([P-Z]) (?:ends at|leaves|gives|costs) (\d+)")
DIVISION = re.compile(r"\b(\d+) is (\d+)\*(\d+)\+(\d+)")
LEAVES = re.compile(r"\b(\d+) leaves (\d+), (?:now (\d+)|so ([P-Z]) leaves \d+)")
GIVEN = re.compile(r"\b([P-Z]) (?:is|has) (.*?\d)\.")
OTHER_WAY = re.compile(r"from the right, ([\d+]+), and the sum is the same")
KEEP = re.compile(r"\b([P-Z]) (?:ends at|gives|costs) (\d+), keep (\d+)")
CLOSING = re.compile(r"So the (?:largest|smallest|sum) is (\d+)\.$")

CASES = st.tuples(st.sampled_from(sorted(FAMILIES)), st.sampled_from(LEVELS), st.integers(0, 10**6))
"""Family, level and seed."""


def made(case: tuple[str, int, int]) -> SampleProblem:
    subject, level, seed = case
    return make(random.Random(seed), subject, level)


def value(expression: str) -> int:
    """Sums of products of whole numbers, such as 3*4+5-2."""
    terms = re.findall(r"([+-]?)(\d+(?:\*\d+)*)", expression)
    assert "".join(map("".join, terms)) == expression
    return sum(
        (-1 if sign == "-" else 1) * prod(map(int, product.split("*"))) for sign, product in terms
    )


def data_of(problem: SampleProblem) -> dict[str, str]:
    """What the question states of each name."""
    return dict(line.split(": ") for line in problem.problem.splitlines()[1:-1])


def divisor_of(problem: SampleProblem) -> int:
    found = re.search(r"divided by (\d)", problem.problem)
    assert found is not None
    return int(found[1])


def results_of(problem: SampleProblem) -> dict[str, int]:
    """The value of each name."""
    results: dict[str, int] = {}
    for name, data in data_of(problem).items():
        match problem.subject:
            case "remainders":
                results[name] = int(data) % divisor_of(problem)
            case "digit sums":
                results[name] = sum(map(int, data))
            case "bills":
                amounts = [re.fullmatch(r"[a-z]+ (\d)\*(\d)", item) for item in data.split(", ")]
                assert all(amounts), data
                results[name] = sum(int(one[1]) * int(one[2]) for one in amounts if one)
            case _:
                filled = re.sub("[P-Z]", lambda found: str(results[found[0]]), data)
                results[name] = value(filled)
    return results


def answer_of(problem: SampleProblem) -> int:
    question, asked = problem.problem.splitlines()[-1].rsplit(" of ", 1)
    results = results_of(problem)
    values = [results[name] for name in re.findall(r"\b[P-Z]\b", asked)]
    if len(values) == 1:
        return values[0]
    for goal, join in (("largest", max), ("smallest", min), ("sum of", sum)):
        if f"the {goal}" in question:
            return int(join(values))
    raise AssertionError(f"no goal in {question!r}")


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_answer_is_right(case: tuple[str, int, int]) -> None:
    problem = made(case)
    assert problem.answer == str(answer_of(problem))
    assert extract_final_answer(problem.solution) == problem.answer


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_every_step_of_the_thought_is_right(case: tuple[str, int, int]) -> None:
    problem = made(case)
    results, thought = results_of(problem), problem.thought
    for expression, result in NUMBER_EQUATION.findall(thought):
        assert value(expression) == int(result), f"{expression}={result}"
    for name, expression in NAME_EQUATION.findall(thought):
        assert value(expression) == results[name], f"{name}={expression}"
    for number, *parts in DIVISION.findall(thought):
        assert [int(part) for part in parts] == [
            int(number) // divisor_of(problem),
            divisor_of(problem),
            int(number) % divisor_of(problem),
        ], f"{number} is {parts}"
    for name, data in GIVEN.findall(thought):
        assert data == data_of(problem)[name]
    stated = NAME_STATEMENT.findall(thought)
    assert {name: int(result) for name, result in stated} == results
    assert all(int(result) == results[name] for name, result in stated)


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_no_number_of_a_thought_goes_unchecked(case: tuple[str, int, int]) -> None:
    """What the patterns of these tests do not find has no digit in it."""
    rest = made(case).thought
    for pattern in (KEEP, CLOSING, OTHER_WAY, GIVEN, DIVISION, LEAVES, NAME_STATEMENT):
        rest = pattern.sub("", rest)
    rest = NUMBER_EQUATION.sub("", NAME_EQUATION.sub("", rest))
    assert not re.search(r"\d", rest), rest


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_each_subtask_is_worked_out_from_its_data(case: tuple[str, int, int]) -> None:
    """One paragraph a name, in order; it starts from the data and goes on from its own lines."""
    problem = made(case)
    results, data = results_of(problem), data_of(problem)
    paragraphs = problem.thought.split("\n\n")[1 : len(data) + 1]
    for (name, stated), paragraph in zip(data.items(), paragraphs, strict=True):
        assert {found for found, _ in NAME_EQUATION.findall(paragraph)} <= {name}
        assert NAME_STATEMENT.findall(paragraph)[-1] == (name, str(results[name]))
        for expression in OTHER_WAY.findall(paragraph):
            assert expression == "+".join(reversed(stated))
        if problem.subject == "remainders":
            assert GIVEN.findall(paragraph) == [(name, stated)]
            follow_division(paragraph, stated, divisor_of(problem))
        else:
            follow_reduction(paragraph, name)


def follow_division(paragraph: str, number: str, divisor: int) -> None:
    """25 leaves 1, now 114: the first two digits give way to what they leave."""
    steps = LEAVES.findall(paragraph)
    assert len(steps) == len(number) - 1
    for head, left, now, name in steps:
        assert head == number[:2]
        assert int(left) == int(head) % divisor
        assert bool(name) == (len(number) == 2)
        if now:
            assert now == left + number[2:]
            number = now


def follow_reduction(paragraph: str, name: str) -> None:
    """7+5=12, so P=12-3: what is left is what stood there, with the equation put in."""
    left = re.findall(rf"\b{name}=([\d+*-]+)", paragraph)
    steps = re.findall(rf"([\d+*-]+)=(\d+), so {name}(?:=| ends at | gives | costs )", paragraph)
    assert len(steps) == len(left) > 1
    ends = NAME_STATEMENT.findall(paragraph)[-1][1]
    for (expression, result), (before, after) in zip(steps, pairwise([*left, ends]), strict=True):
        kept, found, rest = before.partition(expression)
        assert found, f"{expression} is not in {before}"
        assert after == kept + result + rest, f"{before}, {expression}={result}, {after}"


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_results_are_joined_one_by_one(case: tuple[str, int, int]) -> None:
    """The best so far is kept, or the sum so far is carried on, through all that is asked."""
    problem = made(case)
    question, asked = problem.problem.splitlines()[-1].rsplit(" of ", 1)
    names = re.findall(r"\b[P-Z]\b", asked)
    last = problem.thought.split("\n\n")[-1]
    if len(names) == 1:
        assert not CLOSING.search(last)
        return
    assert CLOSING.findall(last) == [problem.answer]
    stated = NAME_STATEMENT.findall(last)
    assert [name for name, _ in stated] == names
    so_far = int(stated[0][1])
    if "the sum of" in question:
        assert not KEEP.search(last)
        for name, part in zip(names[1:], last.split(" leaves ")[2:], strict=True):
            for expression, total in NUMBER_EQUATION.findall(part):
                assert expression.startswith(f"{so_far}+"), name
                so_far = int(total)
    else:
        best = max if "largest" in question else min
        steps = KEEP.findall(last)
        assert [name for name, _, _ in steps] == names[1:]
        for _, new, kept in steps:
            so_far = best(so_far, int(new))
            assert int(kept) == so_far
    assert str(so_far) == problem.answer


@given(CASES)
@settings(max_examples=50, deadline=None)
def test_a_thought_ends_with_the_answer_and_has_no_tag(case: tuple[str, int, int]) -> None:
    problem = made(case)
    assert problem.thought.endswith(f" {problem.answer}.")
    assert not contains_tag(problem.problem + problem.thought + problem.solution)


@given(CASES)
@settings(max_examples=50, deadline=None)
def test_same_seed_same_problem(case: tuple[str, int, int]) -> None:
    assert made(case) == made(case)


def first(split: str, seed: int, count: int = 100) -> list[SampleProblem]:
    return list(islice(sample_problems(split, seed), count))  # type: ignore[arg-type]


def test_same_seed_same_data_other_seed_other_data() -> None:
    assert first("train", 1) == first("train", 1)
    assert not set(first("train", 1)) & set(first("train", 2))


def test_splits_are_disjoint_whatever_the_seeds() -> None:
    train, test = (
        {problem.problem for seed in range(3) for problem in first(split, seed, 200)}
        for split in ("train", "test")
    )
    assert not train & test
    assert min(len(train), len(test)) > 500


def test_no_question_comes_twice() -> None:
    questions = [problem.problem for problem in first("test", 3, 300)]
    assert len(set(questions)) == len(questions)


def test_families_and_levels_take_turns() -> None:
    problems = first("train", 1, len(FAMILIES) * len(LEVELS))
    assert {(problem.subject, problem.level) for problem in problems} == {
        (subject, level) for subject in FAMILIES for level in LEVELS
    }
    assert len(FAMILIES) == 5


def test_higher_levels_have_longer_thoughts() -> None:
    problems = first("train", 1, 20 * len(FAMILIES) * len(LEVELS))
    lengths = [
        mean(len(problem.thought) for problem in problems if problem.level == level)
        for level in LEVELS
    ]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 3 * lengths[0]


@pytest.mark.parametrize("subject", sorted(FAMILIES))
def test_higher_levels_have_more_tasks(subject: str) -> None:
    counts = [len(data_of(made((subject, level, 5)))) for level in LEVELS]
    assert counts == sorted(counts)
    assert counts[-1] >= 2 * counts[0]


def test_command_writes_a_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flags = ["--output", str(tmp_path / "sample"), "--train", "12", "--test", "7", "--seed", "4"]
    monkeypatch.setattr(sys, "argv", ["sample_world", *flags])
    command.main()
    thoughts = load_thoughts(DataSource(str(tmp_path / "sample" / "train.jsonl")))
    problems = load_problems(DataSource(str(tmp_path / "sample" / "test.jsonl")))
    assert [thought.text for thought in thoughts] == [
        problem.thought for problem in first("train", 4, 12)
    ]
    assert [(p.question, p.answer, p.level, p.subject) for p in problems] == [
        (p.problem, p.answer, str(p.level), p.subject) for p in first("test", 4, 7)
    ]
    assert len({problem.id for problem in problems}) == 7
    rows = (tmp_path / "sample" / "test.jsonl").read_text().splitlines()
    assert json.loads(rows[0])["unique_id"].startswith("test/")
