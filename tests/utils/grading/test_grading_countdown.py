from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grading import grade
from sprint.utils.grading.countdown import (
    CountdownGold,
    check_expression,
    countdown_gold,
    read_countdown_gold,
)

SOME = countdown_gold([3, 5, 7, 9], 24, use_all=False)
ALL = countdown_gold([3, 5, 7, 9], 24, use_all=True)
FOUR = countdown_gold([2, 3, 4, 6], 24, use_all=True)


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        (SOME, "3 + 5 + 7 + 9"),
        (SOME, r"\boxed{(7 - 5) \times (9 + 3)}"),
        (SOME, r"(7-5)\cdot(3+9) = 24"),
        (SOME, "24 = 3 + 5 + 7 + 9"),
        (ALL, "$3 + 5 + 7 + 9$."),
        (countdown_gold([8, 3, 2], 12, True), r"\dfrac{8}{2} × 3"),
        (countdown_gold([8, 3, 3, 8], 24, True), "8 ÷ (3 − 8 ÷ 3)"),
        (countdown_gold([2, 12], 24, True), r"\left(2\right)[12]"),
        (FOUR, "6 x 4 x (3 - 2)"),
        (FOUR, "6x4x(3-2)"),
        (FOUR, r"\text{6*4*(3-2)}"),
        (FOUR, r"\boxed{\texttt{6*4*(3-2)}}"),
        (FOUR, r"6 \cdot 4 \cdot (3 - 2) \text{ }"),
        (FOUR, r"(3-2) \times 6 \times 4 \quad"),
        (FOUR, "`6 * 4 * (3 - 2)`"),
        (FOUR, "**(3 - 2) * 6 * 4 = 24**"),
        (FOUR, "The expression is (3-2)*6*4 = 24."),
        (FOUR, r"One way is: $(3-2)\times 6\times 4=24$."),
        (FOUR, "The answer is: **(3 - 2) * 6 * 4 = 24.**"),
        (FOUR, "(6/(3-2))*4 = 6*4 = 24"),
        (FOUR, "24 = 6*4*(3-2) = 24*1"),
        (FOUR, "{6*4}*(3-2)"),
        (FOUR, "-(2-3)*6*4"),
        (FOUR, "6*(-(2-3))*4"),
    ],
)
def test_expressions_that_make_the_target(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "correct"


@pytest.mark.parametrize(
    ("gold", "answer", "detail"),
    [
        (SOME, "3 * 8", "8 not given"),
        (SOME, "3 * 3 + 5 + 7 + 3", "3, 3 not given, or used too often"),
        (ALL, "3 * 5 + 9", "7 not used"),
        (SOME, "3 + 5", "it makes 8, not 24"),
        (SOME, "3 + 5 = 24", "it makes 8, not 24"),
        (SOME, "3 + 5 + 7 + 9 = 25", "it says that it makes 25"),
        (SOME, "24", "24 not given"),
        (SOME, "3 = 3 = 3", "it makes 3, not 24"),
        (FOUR, "(6/(3-2))*4 = 6*5 = 24", "it says that it makes 30"),
        (FOUR, "6*4 = (6/(3-2))*4 = 24", "2, 3 not used"),
        (FOUR, "24*1 = 6*4*(3-2)", "1, 24 not given"),
        (FOUR, "The answer is 24", "24 not given"),
        (FOUR, "6 x 4", "2, 3 not used"),
        (FOUR, "6*4*(3-2) = 24/0", "divides by zero"),
        (SOME, "7 / (5 - 5)", "divides by zero"),
        (SOME, "7 / 9", "it makes 7/9"),
    ],
)
def test_what_is_wrong_is_said(gold: str, answer: str, detail: str) -> None:
    found = grade(gold, answer)
    assert (found.status, detail in found.detail) == ("incorrect", True), found


@pytest.mark.parametrize(
    "answer",
    [
        "3 ** 5",
        "3!",
        "__import__('os')",
        "(" * 200 + "3",
        "3 +",
        "(3",
        "3 5",
        "x + 3",
        "3 = x = 3",
        "`3` + 5`",
        "**3 + 5",
        "x(3 + 5)",
        "3 x",
        "3 -- 5",
        "--3",
        "3 + -5",
        "{3}{5}",
        "3{}5",
        "{3 + 5)",
        "It is not 3 + 5",
        "is " * 100 + "x",
        "3 + 5 = x",
        "9" * 13,
        "-" * 200,
        "1" + "+1" * 5000,
        r"\frac{3}",
        r"\sqrt{9}",
    ],
)
def test_what_is_no_expression_is_unparseable(answer: str) -> None:
    found = grade(SOME, answer)
    assert (found.status, bool(found.detail)) == ("unparseable", True)


SIGNS = {
    "*": [
        "×",
        "·",
        "⋅",
        "∙",
        "•",
        "∗",
        "✕",
        "＊",
        " x ",
        "\\times ",
        r"\cdot ",
        r"\ast ",
        r"\cdotp ",
        r"{\cdot}",
        r"\mathbin{\times}",
        "&times;",
        "⋆",
        " mal ",
        "乘以",
    ],
    "/": [
        "÷",
        "∕",
        "／",
        "⁄",
        " : ",
        "：",
        r"\div ",
        r"\colon ",
        "{:}",
        "&divide;",
        " geteilt durch ",
        "除以",
    ],
    "-": ["−", "–", "—", "－", "﹣", "‑"],
    "+": ["＋", "﹢"],
    "(": ["（", "[", "{", r"\left(", r"\left[", r"\big(", r"\{"],
}
CLOSING = {"（": "）", "[": "]", "{": "}", r"\left(": r"\right)", r"\left[": r"\right]",
           r"\big(": r"\big)", r"\{": r"\}"}  # fmt: skip
PLAIN = "(7-5)*(9+3)/(2-1)"
TASK = countdown_gold([7, 5, 9, 3, 2, 1], 24, use_all=True)


def written(text: str, sign: str, other: str) -> str:
    text = text.replace(sign, other)
    return text.replace(")", CLOSING[other]) if sign == "(" else text


@pytest.mark.parametrize(
    ("sign", "other"), [(sign, other) for sign, others in SIGNS.items() for other in others]
)
def test_each_sign_is_read_and_none_makes_a_wrong_expression_right(sign: str, other: str) -> None:
    assert grade(TASK, written(PLAIN, sign, other)).status == "correct"
    assert grade(TASK, f"${written(PLAIN, sign, other)} = 24$").status == "correct"
    wrong = PLAIN.replace("9+3", "9-3")
    assert grade(TASK, written(wrong, sign, other)).status == "incorrect"
    assert grade(TASK, f"{written(PLAIN, sign, other)} = 23").status == "incorrect"


@pytest.mark.parametrize(
    "answer",
    [
        "６＊４＊（３－２）",
        "<answer>(3-2)*6*4</answer>",
        "```\n(3-2)*6*4\n```",
        "(3-2)6(4)",
        r"(3-2) \times 6 \times 4 \quad \text{which makes } 24",
        "(3-2)*6*4, which uses 2, 3, 4 and 6 once each",
        "(3-2)*6*4 = 24 (as wanted)",
        "(3-2)*6*4 = 24 ✓",
        "• (3-2)*6*4 → 24",
        r"(3-2)*6*4 \Rightarrow 24",
        r"\[ (3-2) \cdot 6 \cdot 4 = 24 \]",
        r"\boxed{\begin{aligned} (3-2)*6*4 &= 6*4 \\ &= 24 \end{aligned}}",
        r"\frac{6}{(3-2)}*4",
        "6 times 4 divided by (3 minus 2)",
        "Here is one: (3-2)*6*4",
        "To make 24: (3-2)*6*4",
        "```python\n(3-2)*6*4\n```",
        r"{6 \over 3 - 2} \cdot 4",
        "+6*4*(3-2)",
        "6.0*4*(3.00-2)",
        r"(3-2)*6*4 \\",
        "(3-2)*6*4 (= 24)",
        "(3-2)*6*4&nbsp;&#61; 24",
    ],
)
def test_expressions_with_text_around_them(answer: str) -> None:
    assert grade(FOUR, answer).status == "correct"


@pytest.mark.parametrize(
    "answer",
    [
        "(3-2)*6*4 makes 25",
        "(3-2)*6*4, which is not 24",
        "(3-2)*6*4 and then 5 more",
        "(3-2)*6*4 but wrong",
        "Not so: (3-2)*6*4",
        "(3-2)*6*4 - then 1",
        "(3-2)*6 times the 4",
        "(3-2)*6*4²",
        "(3-2)*6*4!",
        "(3-2)*6*4; (3+2)*6*4",
        "(3-2)*6 = 6 * 4 = 24",
        "6*4 = 24, 24*(3-2) = 24",
        "(3-2)*6*4 = 24 = 25",
        "(3-2)*6*4 → 25",
        "(3-2)*½*4",
        r"6*4 \over 3-2",
        "(3-2)*6*4.5",
        "(3-2)*6*4 (= 25)",
        "6**4",
    ],
)
def test_text_around_an_expression_does_not_make_it_right(answer: str) -> None:
    assert grade(FOUR, answer).status != "correct"


def test_no_answer() -> None:
    assert grade(SOME, "").status == "no_answer"


@pytest.mark.parametrize("text", ["24", "countdown", "countdown: numbers 3; target x", ""])
def test_other_references_are_no_countdown(text: str) -> None:
    assert read_countdown_gold(text) is None


@given(
    numbers=st.lists(st.integers(0, 10**6), min_size=1, max_size=8),
    target=st.integers(-(10**6), 10**6),
    use_all=st.booleans(),
)
def test_a_task_survives_its_text(numbers: list[int], target: int, use_all: bool) -> None:
    assert read_countdown_gold(countdown_gold(numbers, target, use_all)) == CountdownGold(
        tuple(numbers), target, use_all
    )


def _join(parts):  # type: ignore[no-untyped-def]
    (left, one, used), operator, (right, other, more) = parts
    value = {"+": one + other, "-": one - other, "*": one * other}[operator]
    return f"({left}) {operator} ({right})", value, used + more


TREES = st.recursive(
    st.integers(1, 20).map(lambda n: (str(n), Fraction(n), (n,))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(_join),
    max_leaves=6,
)


@given(tree=TREES)
def test_any_expression_makes_its_own_value(tree: tuple[str, Fraction, tuple[int, ...]]) -> None:
    text, value, used = tree
    assert check_expression(CountdownGold(used, int(value), True), text).status == "correct"
    wrong = CountdownGold(used, int(value) + 1, True)
    assert check_expression(wrong, text).status == "incorrect"


@given(answer=st.text(max_size=60) | st.text("0123456789+-*/(){}=\\frac", max_size=60))
def test_nothing_escapes(answer: str) -> None:
    task = CountdownGold((3, 5), 8, False)
    assert check_expression(task, answer).status in ("correct", "incorrect", "unparseable")
