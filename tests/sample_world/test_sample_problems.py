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
from sprint.utils.data.loading import DataSource, load_problems, load_thoughts
from sprint.utils.data.sample_problems import FAMILIES, LEVELS, SampleProblem, make, sample_problems
from sprint.utils.grading import extract_final_answer
from sprint.utils.grammar import contains_tag

EXPRESSION = r"(?:\d+ mod \d|\d+ by digits|[P-Z\d]+(?:[+*-][P-Z\d]+)*)"
EQUATION = re.compile(rf"\b({EXPRESSION})=({EXPRESSION})")
STEP = re.compile(rf"\b({EXPRESSION})=(\d+), so (?:([P-Z])=)?({EXPRESSION})\.")
FACT = re.compile(rf"^([P-Z]):({EXPRESSION})\b", re.MULTILINE)
CLOSING = re.compile(r"So the last digit is (\d+)\.$")

CASES = st.tuples(st.sampled_from(sorted(FAMILIES)), st.sampled_from(LEVELS), st.integers(0, 10**6))
"""Family, level and seed."""


def made(case: tuple[str, int, int]) -> SampleProblem:
    subject, level, seed = case
    return make(random.Random(seed), subject, level)


def value(expression: str, names: dict[str, int]) -> int:
    """What an expression of the sample world is worth: 3*4+5-2, P+Q-3, 46 mod 7, 46 by digits."""
    if found := re.fullmatch(r"(\d+) mod (\d)", expression):
        return int(found[1]) % int(found[2])
    if found := re.fullmatch(r"(\d+) by digits", expression):
        return sum(map(int, found[1]))
    terms = re.findall(r"([+-]?)([P-Z\d]+(?:\*\d+)*)", expression)
    assert "".join(map("".join, terms)) == expression
    return sum(
        (-1 if sign == "-" else 1)
        * prod(names[factor] if factor in names else int(factor) for factor in product.split("*"))
        for sign, product in terms
    )


def facts_of(problem: SampleProblem) -> dict[str, str]:
    """What the question states of each name, in the order in which a thought takes them."""
    facts = dict(line.split(":") for line in problem.problem.splitlines()[1:-1])
    assert all(re.fullmatch(EXPRESSION, fact) for fact in facts.values())
    return facts


def results_of(problem: SampleProblem) -> dict[str, int]:
    """The value of each name."""
    results: dict[str, int] = {}
    for name, fact in facts_of(problem).items():
        results[name] = value(fact, results)
    return results


def answer_of(problem: SampleProblem) -> int:
    question, asked = problem.problem.splitlines()[-1].rsplit(" of ", 1)
    results = results_of(problem)
    values = [results[name] for name in re.findall(r"\b[P-Z]\b", asked)]
    assert ("the last digit of the sum of" in question) == (len(values) > 1)
    return sum(values) % 10 if len(values) > 1 else values[0]


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_answer_is_right(case: tuple[str, int, int]) -> None:
    problem = made(case)
    assert problem.answer == str(answer_of(problem))
    assert extract_final_answer(problem.solution) == problem.answer


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_names_follow_one_another_in_the_alphabet(case: tuple[str, int, int]) -> None:
    """Those that start from numbers, and those that take from two others, right after them."""
    facts = facts_of(made(case))
    names, mixers = "".join(sorted(facts.keys() - set("XYZ"))), sorted(facts.keys() & set("XYZ"))
    assert names in "PQRSTU"
    assert "".join(mixers) in "XYZ"
    order = list(names)
    for number, mixer in enumerate(mixers):
        one, two = names[2 * number : 2 * number + 2]
        assert facts[mixer].startswith(f"{one}+{two}")
        order.insert(3 * number + 2, mixer)
    assert list(facts) == order


def test_every_name_begins_a_problem_that_leaves_it_enough() -> None:
    first: dict[int, set[str]] = {}
    for problem in islice(sample_problems("train", 3), 500):
        names = list(facts_of(problem))
        first.setdefault(len(names), set()).add(names[0])
    assert (first[3], first[4], first[5]) == (set("PQRST"), set("PQR"), set("PQ"))


@given(CASES)
@settings(max_examples=150, deadline=None)
def test_every_equation_of_the_thought_is_right(case: tuple[str, int, int]) -> None:
    problem = made(case)
    results = results_of(problem)
    equations = EQUATION.findall(problem.thought)
    assert len(equations) > len(results)
    for left, right in equations:
        assert value(left, results) == value(right, results), f"{left}={right}"
    assert dict(FACT.findall(problem.thought)) == facts_of(problem)


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_no_number_of_a_thought_goes_unchecked(case: tuple[str, int, int]) -> None:
    """What the patterns of these tests do not find has no digit in it."""
    rest = made(case).thought
    for pattern in (CLOSING, EQUATION, FACT, re.compile(rf", so {EXPRESSION}\.")):
        rest = pattern.sub("", rest)
    assert not re.search(r"\d", rest), rest


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_each_subtask_is_worked_out_from_its_fact(case: tuple[str, int, int]) -> None:
    """One paragraph a name, in order: it begins as the question does, and goes on step by step."""
    problem = made(case)
    results, facts = results_of(problem), facts_of(problem)
    paragraphs = problem.thought.split("\n\n")[1 : len(facts) + 1]
    for (name, fact), paragraph in zip(facts.items(), paragraphs, strict=True):
        announcement, work = paragraph.split("\n")
        assert re.findall(r"\b[P-Z]\b", announcement) == [name]
        assert re.match(rf"{re.escape(f'{name}:{fact}')}[.,] ", work)
        steps = [step for step in STEP.findall(work) if step[0] not in results]
        assert len(steps) >= 2
        assert [step[2] for step in steps] == [*[""] * (len(steps) - 1), name]
        assert steps[-1][3] == str(results[name])
        for (*_, before), (expression, result, _, after) in pairwise(steps):
            follow(before, expression, result, after)


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_what_is_left_after_a_step_is_worth_the_result(case: tuple[str, int, int]) -> None:
    problem = made(case)
    results = results_of(problem)
    paragraphs = problem.thought.split("\n\n")[1 : len(results) + 1]
    for name, paragraph in zip(results, paragraphs, strict=True):
        for left in re.findall(rf", so ({EXPRESSION})\.", paragraph):
            assert value(left, results) == results[name]


def follow(before: str, expression: str, result: str, after: str) -> None:
    """7+5-3, 7+5=12, 12-3: what is left is what stood there, with the equation put in."""
    divisor = re.search(r" mod \d$", before)
    if divisor:
        expression = expression.removesuffix(divisor[0])
        assert before.startswith(expression)
    kept, found, rest = before.partition(expression)
    assert found, f"{expression} is not in {before}"
    left = kept + result + rest
    is_last = divisor is not None and left == f"{result}{divisor[0]}"
    assert after == (result if is_last else left), f"{before}, {expression}={result}, {after}"


@given(CASES)
@settings(max_examples=100, deadline=None)
def test_results_are_joined_one_by_one(case: tuple[str, int, int]) -> None:
    """The last digit of the sum so far is carried on, through all that is asked."""
    problem = made(case)
    asked = problem.problem.splitlines()[-1].rsplit(" of ", 1)[1]
    names = re.findall(r"\b[P-Z]\b", asked)
    last = problem.thought.split("\n\n")[-1]
    if len(names) == 1:
        assert not CLOSING.search(last)
        return
    assert CLOSING.findall(last) == [problem.answer]
    assert re.findall(r"([P-Z])=\d+[.,]", last) == names
    sums = [pair for pair in EQUATION.findall(last) if pair[0] not in names]
    results = results_of(problem)
    so_far = results[names[0]] % 10
    for name, (left, right) in zip(names[1:], sums, strict=True):
        assert left == f"{so_far}+{results[name] % 10}"
        so_far = int(right) % 10
    assert str(so_far) == problem.answer


@given(CASES)
@settings(max_examples=50, deadline=None)
def test_a_thought_ends_with_the_answer_and_has_no_tag(case: tuple[str, int, int]) -> None:
    problem = made(case)
    assert re.search(rf"[ =]{problem.answer}\.$", problem.thought)
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
    counts = [len(facts_of(made((subject, level, 5)))) for level in LEVELS]
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
