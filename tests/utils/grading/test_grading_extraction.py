from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.grading import extract_final_answer


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
