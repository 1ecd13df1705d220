"""How answers are read, whatever they are compared with."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.utils.grading.answer_reading import read_answer
from sprint.utils.grading.answer_types import (
    Ambiguous,
    Braced,
    Bracketed,
    Exact,
    Grid,
    Listing,
    Named,
    Plain,
    Quantity,
    Ratio,
    Reals,
    Relation,
    Residue,
)
from sprint.utils.grading.lexing import Unreadable, lex
from sprint.utils.grading.trees import number

COMMANDS = (
    r"\frac \sqrt \text{ \left( \right) \pm \cup \in \begin{pmatrix} \end{pmatrix} \\ \mathbb{R} \{"
    r" \} \circ \pmod \sin \log_2 \infty \le \ldots \overline{ \int_0^1 \sum_{k=1}"
)
SIGNS = "{}()[]|^_=<>+-*/!%&,;:.'\"$ ~…±√½²x₁°"
WORDS = "12 3.5 x y f e i d dx AB pi sin hours cm and or the answer is 1,234 0.3"
TOKENS = [*COMMANDS.split(), *SIGNS, *WORDS.split()]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("12", Plain),
        (r"x^2+\sin x", Plain),
        (r"12\text{ cm}", Quantity),
        ("12 apples", Quantity),
        ("5 ft 6 in", Quantity),
        ("25 m", Ambiguous),
        (r"7 \pmod{10}", Residue),
        ("4210_5", Exact),
        ("B", Exact),
        (r"\text{Evelyn}", Exact),
        ("10:30 a.m.", Exact),
        ("2024-01-02", Exact),
        (r"\mathbb{Z}", Exact),
        ("2:3:5", Ratio),
        ("1, 2", Listing),
        (r"\{1, 2\}", Braced),
        ("(1, 2)", Bracketed),
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", Grid),
        ("x > 3", Reals),
        (r"[0,1] \cup [2,3]", Reals),
        ("y = 2x", Named),
        ("x^2 + y^2 = 4", Relation),
        ("y > 2x", Relation),
    ],
)
def test_the_type_of_an_answer(text: str, kind: type) -> None:
    assert isinstance(read_answer(text), kind)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2",
        "x^",
        r"\frac{1}{0}",
        r"\frac{1}",
        "(1, 2",
        "1, , 2",
        "1..2",
        "1.2.3",
        "1/xy",
        r"\sin \pi/6",
        "5_x",
        "5!!",
        "--1",
        r"\cancel{5}",
        r"\phantom{5}",
        "x < 1 < y",
        "5 = 6",
        r"p \land q",
        r"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}",
        "x2",
    ],
)
def test_what_is_not_understood_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        read_answer(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"11,\! 111,\! 111,\! 100", 11111111100),
        ("1 000 000", 1000000),
        ("1,234,567", 1234567),
        ("٣٤", 34),
        ("２３", 23),
        (r"\text{twenty-five}", 25),
        ("3 dozen", 36),
        ("12th", 12),
    ],
)
def test_whole_numbers(text: str, value: int) -> None:
    assert read_answer(text) == Plain(number(value))


@given(st.text(max_size=40) | st.lists(st.sampled_from(TOKENS), max_size=14).map("".join))
@settings(max_examples=500, deadline=None)
def test_reading_ends_with_a_value_or_as_unreadable(text: str) -> None:
    with contextlib.suppress(Unreadable):
        read_answer(text)


@given(st.text(string.ascii_letters + string.digits + "+-*/=<>()[],.;:!'|&%", max_size=30))
def test_each_character_is_in_a_token(text: str) -> None:
    lengths = {"≤": 2, "≥": 2, "≠": 2, "→": 2, "⇒": 2, "…": 3, "^": 2}
    doubled = sum(text.count(sign) for sign in (":=", "=="))
    found = sum(lengths.get(one.text, len(one.text)) for one in lex(text))
    assert len(text) - doubled <= found <= len(text)
