from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grading import extract_final_answer, restore_escapes


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"so $\boxed{5}$.", "5"),
        (r"\fbox{5}", "5"),
        (r"\boxed{4} or rather \boxed{5}", "5"),
        (r"\boxed{4}. Or \fbox{5}", "5"),
        (r"\boxed{\frac{1}{\sqrt{2}}}", r"\frac{1}{\sqrt{2}}"),
        (r"\boxed{\left\{1, 2\right.}", r"\left\{1, 2\right."),
        (r"\boxed{\{1, 2\}} }", r"\{1, 2\}"),
        (r"\boxed { 5 }", "5"),
        (r"$\boxed 5$ is it", "5"),
        (r"\boxed 12.", "12"),
        (r"\(\boxed 7\)", "7"),
        ("\\boxed{a\nb}", "a\nb"),
        (r"\boxed{\boxed{5}}", "5"),
    ],
)
def test_content_of_the_last_box(text: str, answer: str) -> None:
    assert extract_final_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"roots $\boxed{1 + a}$ and $\boxed{1 - a}$.", "1 + a, 1 - a"),
        (r"\boxed{1}, \boxed{2}, and \boxed{3}", "1, 2, 3"),
        (r"\(\boxed{1}\) or \(\boxed{2}\)", "1, 2"),
        (r"\boxed 1, \boxed 2", "1, 2"),
        (r"\boxed{7} and \boxed{7}", "7"),
        (r"\boxed{0}. So \boxed{1} and \boxed{2}", "1, 2"),
    ],
)
def test_boxes_of_one_list(text: str, answer: str) -> None:
    assert extract_final_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("(a) $\\boxed{1}$\n\n(b) So $\\boxed{2}$.", "1, 2"),
        ("**Part A:** \\boxed{1}\n**Part B:** \\boxed{2}", "1, 2"),
        ("a) \\boxed{1}\nb) \\boxed{2}\nc) From (a): \\boxed{3}", "1, 2, 3"),
        ("(i) \\boxed{1}\n(ii) \\boxed{2}", "1, 2"),
        ("We get (a) $\\boxed{1}$ and then, by that, (b) $\\boxed{2}$.", "1, 2"),
        ("(a) \\boxed{1}\n(b) \\boxed{2}\nIn all \\boxed{3}", "3"),
        ("(a) 1\n(b) \\boxed{2}", "2"),
        ("(b) \\boxed{1}\n(c) \\boxed{2}", "2"),
        ("(a) \\boxed{1}\n(a) \\boxed{2}", "2"),
        ("First \\boxed{1}. From (a) then \\boxed{2}.", "2"),
    ],
)
def test_boxes_of_the_parts_of_an_answer(text: str, answer: str) -> None:
    assert extract_final_answer(text) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (r"\boxed{\boxed{1}, \boxed{2}}", "1, 2"),
        (r"\boxed{\frac{\boxed{1}}{2}}", r"\frac{1}{2}"),
        (r"\boxed{\boxed{5} \text{ cm}}", r"5 \text{ cm}"),
        (r"\boxed{3}. So \boxed{x + \fbox{1}}.", "x + 1"),
    ],
)
def test_the_outermost_box_counts(text: str, answer: str) -> None:
    assert extract_final_answer(text) == answer


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        (r"\begin{aligned} x &= 3 \end{aligned}", "x = 3"),
        (r"\begin{align*} x &= 1 + 2 \\ &= 3 \end{align*}", "x = 1 + 2 = 3"),
        (r"\begin{cases} x = 1, \\ y = 2 \end{cases}", "x = 1, y = 2"),
        (r"\left\{\begin{array}{l} x=1 \\[2pt] y=2 \end{array}\right.", "x=1, y=2"),
        ("\\begin{gathered}\n7\n\\end{gathered}", "7"),
        (r"\begin{split} & 2x = 6 \\ \implies & x = 3 \end{split}", "x = 3"),
        (r"\begin{array}{cc} 1 & 2 \\ 3 & 4 \end{array}", None),
        (r"\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}", None),
        (r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", None),
        (r"f(x) = \begin{cases} 1 \\ 2 \end{cases}", None),
    ],
)
def test_answers_in_rows(rows: str, answer: str | None) -> None:
    assert extract_final_answer(f"\\[ \\boxed{{\n{rows}\n}} \\]") == (answer or rows)


@pytest.mark.parametrize(
    "answer",
    [
        r"\frac{1}{2}", r"\alpha", r"\beta", r"\text{C}", r"3 \times 10^5", r"\theta", r"\vec{v}",
        r"\tan x", r"\forall x", r"1 \neq 2", r"\nabla f", r"\left(1, 2\right)", r"\binom{4}{2}",
    ],
)  # fmt: skip
def test_commands_that_an_unescaping_broke(answer: str) -> None:
    text = f"so\n\\boxed{{{answer}}}"
    for letter, character in zip("abtnvfr", "\a\b\t\n\v\f\r", strict=True):
        text = text.replace(f"\\{letter}", character)
    assert extract_final_answer(text) == answer
    assert extract_final_answer(f"\\boxed{{{answer}}}".replace("\\", "\\\\")) == answer


@given(st.text(st.sampled_from("a eq=\t\n\r.5xto"), max_size=20))
def test_white_space_of_prose_stays(text: str) -> None:
    kept = restore_escapes(text)
    assert kept == text or "\neq" in text


@pytest.mark.parametrize(
    "text",
    ["", "the answer is 5", r"\boxed", r"\boxed{}", r"\boxed{ }", r"\boxedroom{5}", r"\boxed{\}"],
)
def test_no_box_no_answer(text: str) -> None:
    assert extract_final_answer(text) is None


def test_a_box_cut_off_does_not_bring_back_an_earlier_one() -> None:
    assert extract_final_answer(r"perhaps \boxed{4}. No: \boxed{\frac{1}{2}") is None


def test_a_megabyte_of_open_boxes_is_read_in_one_go() -> None:
    assert extract_final_answer(r"\boxed{" * 150_000) is None


BALANCED = st.recursive(
    st.text("ab1+ ", max_size=5) | st.sampled_from([r"\{", r"\}", r"\\", r"\frac"]),
    lambda inner: inner.map(lambda text: f"{{{text}}}") | st.tuples(inner, inner).map("".join),
    max_leaves=8,
)


@given(before=st.text(), content=BALANCED.filter(str.strip), after=st.text("xyz {}$.\n"))
def test_balanced_content_comes_back_whole(before: str, content: str, after: str) -> None:
    assert extract_final_answer(f"{before} \\boxed{{{content}}}{after}") == content.strip()
