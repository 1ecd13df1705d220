"""Units, and words behind numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sprint.utils.grading.answer_reading import read_answer
from sprint.utils.grading.answer_types import Quantity
from sprint.utils.grading.lexing import lex
from sprint.utils.grading.trees import number
from sprint.utils.grading.units import read_unit
from sprint.utils.grading.words import are_counted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("square inches", "in^2"),
        ("inches squared", "in^{2}"),
        ("meters per second", "m/s"),
        (r"m s^{-1}", "m/s"),
        ("mph", "miles per hour"),
        ("feet", "ft"),
        (r"N \cdot m", "N m"),
    ],
)
def test_spellings_of_a_unit(one: str, other: str) -> None:
    assert read_unit(lex(one)) == read_unit(lex(other)) != None  # noqa: E711  neither is None


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("m^2", "cm^2", Fraction(1, 10**4)),
        ("m/s", "km/h", Fraction(5, 18)),
        ("ft", "in", Fraction(1, 12)),
        ("week", "day", Fraction(1, 7)),
    ],
)
def test_units_of_one_dimension(one: str, other: str, factor: Fraction) -> None:
    large, small = read_unit(lex(one)), read_unit(lex(other))
    assert large
    assert small
    assert (large.dimensions, large.scale * factor) == (small.dimensions, small.scale)


@pytest.mark.parametrize(
    "text", ["students", "m//s", "m/", "cm^22", "cm^", "squared", "square", ""]
)
def test_what_is_no_unit(text: str) -> None:
    assert read_unit(lex(text)) is None


@pytest.mark.parametrize("words", ["tenths", "of six", "squared", "million", "is wrong", "or more"])
def test_words_that_change_the_number_name_nothing_that_is_counted(words: str) -> None:
    assert not are_counted(words.split())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 ft 6 in", Quantity(number(66), read_unit(lex("in")), composed=True)),
        ("12 red apples", Quantity(number(12), noun="red apples")),
        (r"\$3 \text{ million}", Quantity(number(3 * 10**6), read_unit(lex("$")))),
        ("5 slices of pizza", Quantity(number(5), noun="slices of pizza")),
    ],
)
def test_quantities(text: str, value: Quantity) -> None:
    assert read_answer(text) == value
