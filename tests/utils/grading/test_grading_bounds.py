from __future__ import annotations

import pytest
from sprint.utils.grading import grade


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (r"\frac{1}{1+" * 100 + "x" + "}" * 100, "nested too deeply"),
        ("(1 + x", "a bracket is not closed"),
        ("1 + x) (", "closes that was not opened"),
        (r"2^{3^{4^{5}}}", "a power too large"),
        ("(x+1)^{5000}", "a power of a sum above"),
        (r"\sin(6^{4^{32}})", "a function of a number too large"),
        ("1000000!", "the factorial of a number above"),
        ("5!!!", "a factorial of factorials"),
        (r"\binom{987654321}{123456}", "a binomial coefficient of large numbers"),
        (r"\prod_{k=1}^{512742081} k", "a product of more than"),
    ],
)
def test_what_would_only_run_into_the_time_limit_is_refused(answer: str, detail: str) -> None:
    found = grade("x^2 + x", answer)
    assert (found.status, detail in found.detail) == ("unparseable", True), found


@pytest.mark.parametrize(
    ("gold", "answer"),
    [
        ("(x+1)^{100}", "(1+x)^{100}"),
        (r"\binom{100}{2}", "4950"),
        (r"\frac{100!}{98!}", "9900"),
        ("3^{2^{30}}", "9^{2^{29}}"),
        (
            "+".join(f"x_{{{n}}}" for n in range(200)),
            "+".join(f"x_{n}" for n in range(199, -1, -1)),
        ),
    ],
)
def test_large_but_decidable_answers_are_decided(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "correct"
