"""Values of each type, written at random: equal ones, neighbours, and slips of one token."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.grading import grade, grade_many
from support.written_answers import KINDS, mutations, written_answer

SEEDS = st.integers(0, 2**32)
EXAMPLES = settings(max_examples=8, deadline=None)


@pytest.mark.parametrize("kind", KINDS)
@given(SEEDS)
@EXAMPLES
def test_all_notations_of_a_value_are_equal_in_both_orders(kind: str, seed: int) -> None:
    answer = written_answer(kind, Random(seed))
    first, *others = answer.notations
    pairs = [(first, other) for other in others] + [(other, first) for other in others]
    found = zip(pairs, grade_many(pairs), strict=True)
    assert [(pair, one) for pair, one in found if not one.correct] == []


@pytest.mark.parametrize("kind", KINDS)
@given(SEEDS)
@EXAMPLES
def test_neighbours_of_a_value_are_not_accepted_in_either_order(kind: str, seed: int) -> None:
    answer = written_answer(kind, Random(seed))
    first = answer.notations[0]
    pairs = [(first, other) for other in answer.neighbours]
    pairs += [(other, first) for first, other in pairs]
    found = zip(pairs, grade_many(pairs), strict=True)
    assert [pair for pair, one in found if one.correct] == []


@pytest.mark.parametrize("kind", KINDS)
@given(SEEDS)
@EXAMPLES
def test_an_answer_with_one_token_amiss_is_not_accepted(kind: str, seed: int) -> None:
    draw = Random(seed)
    answer = written_answer(kind, draw)
    written = "".join(answer.tokens)
    slips = list(mutations(answer, draw))
    grades = grade_many((written, slip) for slip in slips)
    assert [slip for slip, one in zip(slips, grades, strict=True) if one.correct] == []


@given(SEEDS, st.sampled_from(KINDS), st.sampled_from(KINDS))
@settings(max_examples=100, deadline=None)
def test_grading_is_symmetric(seed: int, kind: str, other_kind: str) -> None:
    draw = Random(seed)
    one, other = (
        draw.choice([*answer.notations, *answer.neighbours])
        for answer in (written_answer(kind, draw), written_answer(other_kind, draw))
    )
    assert grade(one, other).correct == grade(other, one).correct
