from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grading.form_reading import read_form
from sprint.utils.grading.text import as_rational, enclosing, split_top, tidy
from sprint.utils.grading.units import canonical_unit, ratio, split_scale, split_unit, split_words


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        (r"\left( \dfrac12, -13 \right)", r"( \frac{1}{2}, -13 )"),
        (r"\frac\sqrt{3}3", r"\frac{\sqrt{3}}{3}"),
        (r"\frac{\frac12}3", r"\frac{\frac{1}{2}}{3}"),
        (r"\sqrt[3]2", r"\sqrt[3]{2}"),
        ("√19", r"\sqrt{19}"),
        (r"\sqrt{2}", r"\sqrt{2}"),
        ("**5**", "5"),
        (r"$5$.", "5"),
        (r"\$32,\!348", "32,348\\text{ dollars}"),
        (r"5\text{ or }7", "5, 7"),
        (
            r"\begin{pmatrix} 1 \\ 2 \\[2pt] 3 \\ [4] \end{pmatrix}",
            r"\begin{pmatrix} 1 \\ 2 \\ 3 \\ [4] \end{pmatrix}",
        ),
        (r"\frac", r"\frac"),
        ("-2.", "-2"),
    ],
)
def test_tidy(written: str, tidied: str) -> None:
    assert tidy(written) == tidied


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-5", Fraction(-5)),
        ("+5.", Fraction(5)),
        (".35625", Fraction(57, 160)),
        ("1,234,567.5", Fraction(2469135, 2)),
        (r"-\frac{1}{2}", Fraction(-1, 2)),
        (r"-1\frac{1}{2}", Fraction(-3, 2)),
        ("1 2/3", Fraction(5, 3)),
        (r"1.5 \times 10^{-3}", Fraction(3, 2000)),
        ("1e+22", Fraction(10**22)),
        (r"2.1\overline{6}", Fraction(13, 6)),
        ("50%", Fraction(1, 2)),
    ],
)
def test_plain_numbers_are_exact(text: str, value: Fraction) -> None:
    assert as_rational(text) == value


@pytest.mark.parametrize("text", ["", "x", "1,2", "1,23", "1/0", r"\frac{1}{0}", "1.2.3", "."])
def test_no_plain_number(text: str) -> None:
    assert as_rational(text) is None


@given(st.fractions())
def test_a_fraction_is_read_as_its_value(value: Fraction) -> None:
    sign = "-" if value < 0 else ""
    assert as_rational(rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}") == value
    assert as_rational(str(value)) == value


def test_split_top_leaves_brackets_of_all_kinds_alone() -> None:
    text = r"(1,2), \{3,4\}, [5,6), \begin{pmatrix}7,8\end{pmatrix}, \frac{9,}{1}"
    assert len(split_top(text, ",")) == 5


@pytest.mark.parametrize(
    ("text", "brackets"),
    [
        ("(1,2]", ("(", "]")),
        (r"\{1\}", (r"\{", r"\}")),
        ("(a)(b)", None),
        ("a(b)", None),
        ("", None),
        ("(", None),
    ],
)
def test_enclosing(text: str, brackets: tuple[str, str] | None) -> None:
    assert enclosing(text) == brackets


@pytest.mark.parametrize(
    ("unit", "canonical"),
    [
        (r"\text{ square inches}", "in^2"),
        (r"\text{ inches}^2", "in^2"),
        (r"\text{ meters per second}", "m/s"),
        (r"\text{ students}", ""),
        ("feet", "ft"),
    ],
)
def test_units_have_one_name(unit: str, canonical: str) -> None:
    assert canonical_unit(unit) == canonical


@pytest.mark.parametrize("text", ["5t", "2k", "x + 5m", "12", r"\text{cm}", "cm"])
def test_variables_and_words_are_no_units(text: str) -> None:
    assert split_unit(text).text == text


@pytest.mark.parametrize("text", ["5abc", "5 abc", "5 tenths", "5 squared", "5 of 6", "5 x", "5 k"])
def test_words_that_make_another_number_are_not_split_off(text: str) -> None:
    assert split_words(text) is None


@pytest.mark.parametrize(
    ("text", "split"),
    [("12 apples", ("12", "")), ("25 m", ("25", "m")), ("9.8 m/s^2", ("9.8", "m/s^2"))],
)
def test_words_that_leave_the_number_are_split_off(text: str, split: tuple[str, str]) -> None:
    assert split_words(text) == split


def test_scales_in_words() -> None:
    assert split_scale(r"5\text{ million dollars}") == (10**6, r"5\text{ dollars}")
    assert split_scale("5 apples") == (1, "5 apples")


@pytest.mark.parametrize(
    ("unit", "other", "factor"),
    [
        ("m^2", "cm^2", Fraction(1, 10**4)),
        ("m/s", "km/h", Fraction(5, 18)),
        ("cm", "", 1),
        ("cm", "s", None),
    ],
)
def test_ratio_of_units(unit: str, other: str, factor: Fraction | None) -> None:
    assert ratio(unit, other) == factor


@given(st.text("0123456789.,;()[]{}\\$%^_=+-/<> abxpmfrctesqboxdinu", max_size=60))
def test_reading_never_fails(text: str) -> None:
    read_form(text)
