"""Problems in words: right in every step, and curated without a model into parallel tasks."""

from __future__ import annotations

import random
import re
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.component_separation.separation_rules import separate
from sprint.dag_creation.dag_rules import infer_parents
from sprint.utils.data.sample_problems import LEVELS, SampleProblem, sample_problems
from sprint.utils.data.word_problems import LIMIT, SIZES, THEMES, WORDS, make
from sprint.utils.grading import extract_final_answer
from sprint.utils.grammar import contains_tag
from sprint.utils.grammar.lines import split_lines
from sprint.utils.thoughts.inline import component_text

SUM = re.compile(r"(\d+) (plus|minus) (\d+) is (\d+)")
LESS = ("out of", "off", "leave", "from")

problems = st.builds(
    lambda subject, level, seed: make(random.Random(seed), subject, level),
    st.sampled_from(sorted(THEMES)),
    st.sampled_from(LEVELS),
    st.integers(0, 10**6),
)


def amounts(problem: SampleProblem) -> list[int]:
    """What each thing holds in the end, from the question alone."""
    found = list[int]()
    for line in problem.problem.splitlines()[1:-1]:
        start, *events = re.findall(r"\d+[^,.]*", line)
        total = int(start.split()[0])
        for event in events:
            number = int(event.split()[0])
            total += -number if any(word in event for word in LESS) else number
            assert 1 <= total <= LIMIT
        found.append(total)
    return found


@given(problems)
def test_the_answer_is_that_of_the_question(problem: SampleProblem) -> None:
    ends = amounts(problem)
    assert int(problem.answer) == sum(ends)
    assert extract_final_answer(problem.solution) == problem.answer
    assert len(ends) == SIZES[problem.level].things


@given(problems)
def test_every_step_of_the_thought_is_right(problem: SampleProblem) -> None:
    steps = SUM.findall(problem.thought)
    assert steps
    for one, sign, other, result in steps:
        assert int(one) + (int(other) if sign == "plus" else -int(other)) == int(result)
    assert problem.thought.endswith(f" is {problem.answer}. So the total is {problem.answer}.")
    assert not contains_tag(problem.problem + problem.thought + problem.solution)


@given(problems)
def test_an_event_occurs_once(problem: SampleProblem) -> None:
    """So a model finds the next event by the one before it."""
    events = re.findall(r"then (\d+ [^,.]*)", problem.problem, re.IGNORECASE)
    assert len(events) == len(set(events))


@pytest.mark.parametrize("level", LEVELS)
def test_tasks_of_a_problem_take_unequally_long(level: int) -> None:
    shares = list[float]()
    for seed in range(30):
        problem = make(random.Random(seed), "boxes", level)
        tasks = [len(task) for task in problem.thought.split("\n\n")[1:-1]]
        shares.append(min(tasks) / max(tasks))
    assert mean(shares) < 0.8


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("subject", THEMES)
def test_the_rules_find_independent_tasks(subject: str, level: int) -> None:
    problem = make(random.Random(f"{subject} {level}"), subject, level)
    lines = split_lines(problem.thought)
    components = separate(lines)
    things = SIZES[level].things
    assert len(components) == things + 2
    parents = infer_parents(
        problem.problem, [component_text(component, lines) for component in components]
    )
    assert parents == {
        1: [],
        **{number: [1] for number in range(2, things + 2)},
        things + 2: list(range(2, things + 2)),
    }


def test_splits_are_disjoint() -> None:
    train, test = (sample_problems(split, 1, WORDS) for split in ("train", "test"))
    seen = {next(train).problem for _ in range(200)}
    assert not seen & {next(test).problem for _ in range(50)}
