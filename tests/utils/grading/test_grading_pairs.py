"""Both directions of each fault that graders are known for, through the public function."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from sprint.utils.grading import grade, grade_many
from sprint.utils.grading.text import tidy
from sprint.utils.grading.units import split_unit

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data" / "math500.jsonl"

EQUAL = [
    (r"2^{1000}", r"4^{500}"),
    (r"9^{9^9}", r"(9^{9^9} + 1) - 1"),
    (r"3^{2^{30}}", r"9^{2^{29}}"),
    (r"2^{100}", r"1267650600228229401496703205376"),
    (r"\cos 40^\circ \cos 80^\circ \cos 160^\circ", r"-\frac18"),
    (r"4210_{5}", r"4210_5"),
    (r"4210_5", r"(4210)_5"),
    (r"52_8", r"52_{8}"),
    (r"10\%", r"10 percent"),
    (r"10\%", r"0.1"),
    (r"\frac{100}{3}\%", r"\frac{1}{3}"),
    (r"10\sqrt{2}\%", r"\frac{\sqrt{2}}{10}"),
    (r"(1,2)", r"\left(1, 2\right)"),
    (r"(3, \frac{\pi}{2})", r"\left(3,\frac{\pi}{2}\right)"),
    (r"(x,y)=(1,2)", r"(1,2)"),
    (r"1,-2", r"-2, 1"),
    (r"1,-2", r"\{-2,1\}"),
    (r"3, 5, 7", r"7, 5 \text{ and } 3"),
    (r"\{2,3\}", r"x=2 \text{ or } x=3"),
    (r"\{5\}", r"5"),
    (r"x=1, y=2", r"1,2"),
    (r"x=1, y=2", r"y=2, x=1"),
    (r"(1,2),(3,4)", r"(3,4), (1,2)"),
    (r"x \in [-2,7]", r"[-2,7]"),
    (r"x \in [-2,7]", r"-2 \le x \le 7"),
    (r"(0,1]", r"0 < x \leq 1"),
    (r"(2,\infty)", r"x > 2"),
    (r"y \ge 3", r"[3,\infty)"),
    (r"x < 3", r"3 > x"),
    (r"(-\infty, 2) \cup (3, \infty)", r"(3,\infty) \cup (-\infty,2)"),
    (r"(-\infty, 2) \cup (3, \infty)", r"x<2 \text{ or } x>3"),
    (r"(-\infty,\infty)", r"\mathbb{R}"),
    (r"(-\infty,2)\cup(2,\infty)", r"\mathbb{R} \setminus \{2\}"),
    (r"\left[ \frac{\pi^2}{8}, \frac{5 \pi^2}{4} \right]", r"[\pi^2/8, 5\pi^2/4]"),
    (r"\emptyset", r"\varnothing"),
    (r"\{1\pm\sqrt{5},-2\}", r"\{-2, 1-\sqrt5, 1+\sqrt5\}"),
    (r"1 \pm \sqrt{19}", r"1+\sqrt{19}, 1-\sqrt{19}"),
    (r"1 \pm \sqrt{19}", r"x = 1 \pm \sqrt{19}"),
    (r"\pm 2", r"2, -2"),
    (r"\frac{270}7\text{ degrees}", r"\frac{270}{7}"),
    (r"\frac{270}7\text{ degrees}", r"\frac{270}{7}^\circ"),
    (r"90^\circ", r"90"),
    (r"90^\circ", r"90 degrees"),
    (r"120^\circ", r"120°"),
    (r"\tan 30^\circ", r"\frac{\sqrt3}{3}"),
    (r"-2", r"-2."),
    (r"\frac12", r"\dfrac{1}{2}"),
    (r"\frac12", r"\tfrac 1 2"),
    (r"\frac12", r"0.5"),
    (r"\frac12", r"1/2"),
    (r"\frac9{19}", r"\frac{9}{19}"),
    (r"-\frac{35}{9}", r"\frac{-35}{9}"),
    (r"1\frac{4}{5}", r"\frac{9}{5}"),
    (r"137 \frac{1}{2}", r"137.5"),
    (r"10,\!080", r"10080"),
    (r"58,500", r"58500"),
    (r"58500", r"58{,}500"),
    (r"1,000,000", r"1 000 000"),
    (r"11,\! 111,\! 111,\! 100", r"11111111100"),
    (r".0000672", r"6.72 \times 10^{-5}"),
    (r"0.\overline{3}", r"\frac{1}{3}"),
    (r"0.1\overline{6}", r"1/6"),
    (r"x=5", r"5"),
    (r"5", r"x = 5"),
    (r"12", r"a + b = 12"),
    (r"9", r"\sqrt{81} = 9"),
    (r"f(x)=2x", r"2x"),
    (r"y = 2x + 3", r"2x - y + 3 = 0"),
    (r"5x - 7y + 11z + 4 = 0", r"10x-14y+22z+8=0"),
    (r"\text{Evelyn}", r"Evelyn"),
    (r"Evelyn", r"\textbf{evelyn}"),
    (r"\text{ellipse}", r"an ellipse"),
    (r"\text{yes}", r"Yes."),
    (r"\text{(C)}", r"C"),
    (r"\text{(C)}", r"(c)"),
    (r"C", r"\textbf{(C)}"),
    (r"C", r"C. 5"),
    (r"\$18.90", r"18.9"),
    (r"\$36", r"36 \text{ dollars}"),
    (r"5.4 \text{ cents}", r"5.4"),
    (r"15\mbox{ cm}^2", r"15 \text{ square centimeters}"),
    (r"864 \mbox{ inches}^2", r"864\text{ in}^2"),
    (r"3 \text{ m/s}", r"3 \text{ meters per second}"),
    (r"550", r"550 gallons"),
    (r"\begin{pmatrix} 1/3 \\ 2 \end{pmatrix}", r"\begin{bmatrix} \frac13 \\ 2 \end{bmatrix}"),
    (r"3\sqrt{13}", r"\sqrt{117}"),
    (r"\frac{\sqrt{3}}{3}", r"\frac{1}{\sqrt{3}}"),
    (r"16\sqrt{3}", r"16√3"),
    (r"\sqrt{2}", r"\sqrt{2} \approx 1.414"),
    (r"2\pi", r"2 pi"),
    (r"2i", r"(1+i)^2"),
    (r"12", r"3(4)"),
    (r"12", r"(3)(4)"),
    (r"p - q", r"-q+p"),
    (r"3R^2", r"3 R^{2}"),
    (r"(a+5)(b+2)", r"ab+2a+5b+10"),
    (r"\frac{11+9a}{20}", r"0.55+0.45a"),
    (r"\cot x", r"\frac{\cos x}{\sin x}"),
    (r"2^{n+1}", r"2 \cdot 2^n"),
    (r"10^{-20} x", r"x \cdot 10^{-20}"),
    (r"\sqrt{\frac{x}{2}}", r"\frac{\sqrt{2x}}{2}"),
    (r"\log_2 8", r"3"),
    (r"0", r"\sqrt{2}+\sqrt{3}-\sqrt{5+2\sqrt{6}}"),
    (r"5", r"so it is \boxed{4}, no, \boxed{5}"),
    (r"\boxed{5}", r"5"),
]

DIFFERENT = [
    (r"9^{9^9}", r"9^{9^9} + 1"),
    (r"9^{9^9}", r"9^{9^9} - 9^{9^8}"),
    (r"100!", r"100! + 1"),
    (r"10^{50} \pi", r"10^{50} \pi + 1"),
    (r"10^{30}", r"\sqrt{10^{60} + 1}"),
    (r"2^{100}", r"1267650600228229401496703205377"),
    (r"4210_{5}", r"4210"),
    (r"4210_5", r"4210_6"),
    (r"10\%", r"10"),
    (r"10", r"10\%"),
    (r"(1,2)", r"1,2"),
    (r"1,2", r"(1,2)"),
    (r"(1,2)", r"(2,1)"),
    (r"(1,2)", r"[1,2]"),
    (r"(3, \frac{\pi}{2})", r"(3, \frac{\pi}{3})"),
    (r"1,-2", r"1,2"),
    (r"1,2,2", r"1,1,2"),
    (r"3, 5, 7", r"3, 5"),
    (r"1, 2", r"12"),
    (r"x=1, y=2", r"2,1"),
    (r"(1,2),(3,4)", r"(2,1),(3,4)"),
    (r"x \in [-2,7]", r"(-2,7)"),
    (r"x \in [-2,7]", r"-2 < x \le 7"),
    (r"(0,1]", r"[0,1)"),
    (r"(2,\infty)", r"x \ge 2"),
    (r"(-\infty, 2) \cup (3, \infty)", r"(-\infty, 2] \cup [3, \infty)"),
    (r"0", r"\emptyset"),
    (r"\{1\pm\sqrt{5},-2\}", r"\{1\pm\sqrt{5},2\}"),
    (r"1 \pm \sqrt{19}", r"1+\sqrt{19}"),
    (r"\pm 2", r"2"),
    (r"90^\circ", r"9"),
    (r"\cos 15^\circ", r"\cos 15"),
    (r"-2", r"2"),
    (r"2", r"-2"),
    (r"\text{-2}", r"2"),
    (r"\frac{1}{23}", r"\frac{12}{3}"),
    (r"\frac12", r"12"),
    (r"-\frac{35}{9}", r"\frac{35}{9}"),
    (r"1\frac{4}{5}", r"\frac{4}{5}"),
    (r"58,500", r"58.5"),
    (r"1,234", r"1.234"),
    (r"2^{10}", r"210"),
    (r"12", r"1 2"),
    (r".0000672", r"6.73 \times 10^{-5}"),
    (r"6.63 \times 10^{-34}", r"1.05 \times 10^{-34}"),
    (r"\sqrt{2} \cdot 10^{-20}", r"\sqrt{3} \cdot 10^{-20}"),
    (r"0", r"10^{-20}"),
    (r"\frac{1}{3}", r"0.333333"),
    (r"\sqrt{2}", r"1.414214"),
    (r"0.\overline{3}", r"0.3"),
    (r"x=5", r"x=-5"),
    (r"x=5", r"y=5"),
    (r"6", r"2x=6"),
    (r"6", r"-x=6"),
    (r"x + y = 5", r"5"),
    (r"5x - 7y + 11z + 4 = 0", r"5x - 7y + 11z + 4"),
    (r"y = 2x + 3", r"x = 2y + 3"),
    (r"\text{Evelyn}", r"\text{Debra}"),
    (r"\text{even}", r"\text{odd}"),
    (r"\text{seat}", r"east"),
    (r"\text{no}", r"\text{on}"),
    (r"\text{(C)}", r"(D)"),
    (r"\text{(C)}", r"\text{Cat}"),
    (r"C", r"5"),
    (r"5.4 \text{ cents}", r"5.4 \text{ dollars}"),
    (r"15\mbox{ cm}^2", r"15 \text{ cm}"),
    (r"5", r"5t"),
    (r"5", r"5 \text{ million}"),
    (r"5", r"5 \text{ or more}"),
    (r"10^{-20} x", r"2 \cdot 10^{-20} x"),
    (r"2k", r"2"),
    (r"3R^2", r"3r^2"),
    (r"3R^2", r"3R^2 + \dfrac{a^2 + b^2 + c^2}{12}"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
    (r"6 - 5i", r"6+5i"),
    (r"1", r"i"),
    (r"7", r"3(4)"),
    (r"p - q", r"q-p"),
    (r"(a+5)(b+2)", r"ab+2a+5b+11"),
    (r"\cot x", r"\tan x"),
    (r"\infty", r"-\infty"),
    (r"5", r"so it is \boxed{5}, no, \boxed{4}"),
]

UNREADABLE = [
    r"\frac{",
    "__import__('os').system('true')",
    "Therefore the answer is 5",
    "x**",
]


@pytest.mark.parametrize(("gold", "answer"), EQUAL)
def test_equal_answers_are_correct(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "correct"


@pytest.mark.parametrize(("gold", "answer"), DIFFERENT)
def test_different_answers_are_incorrect(gold: str, answer: str) -> None:
    assert grade(gold, answer).status == "incorrect"


@pytest.mark.parametrize("answer", UNREADABLE)
def test_what_cannot_be_read_is_unparseable(answer: str) -> None:
    found = grade("5", answer)
    assert (found.status, bool(found.detail)) == ("unparseable", True)


def test_gold_that_cannot_be_read_is_not_blamed_on_the_answer() -> None:
    assert grade(r"\frac{", r"\sqrt{2}").status == "gold_unparseable"


@pytest.mark.parametrize("answer", [None, "", "  \n", r"\boxed{}", r"we get \boxed{5"])
def test_missing_or_cut_off_answer_is_no_answer(answer: str | None) -> None:
    assert grade("5", answer).status == "no_answer"


def test_grades_come_in_the_order_of_the_pairs() -> None:
    pairs = [(r"2\sqrt{2}", r"\sqrt{8}"), ("1", "2"), (r"\sqrt2", r"\sqrt3"), ("3", None)]
    assert [grade.status for grade in grade_many(pairs * 5)] == [
        "correct",
        "incorrect",
        "incorrect",
        "no_answer",
    ] * 5


def test_grade_says_what_was_compared() -> None:
    assert grade("5", r"first \boxed{4}, then \boxed{ 5 }").answer == "5"


@pytest.fixture(scope="module")
def math500_answers() -> list[str]:
    if not DATA.is_file():
        pytest.skip("needs math500.jsonl of ../shared/data")
    lines = DATA.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["answer"] for line in lines]


def test_each_math500_answer_equals_itself_in_a_sentence(math500_answers: list[str]) -> None:
    texts = [f"Therefore it is $\\boxed{{ {answer}\\, }}$." for answer in math500_answers]
    grades = grade_many(zip(math500_answers, texts, strict=True))
    assert [found for found in grades if not found.correct] == []


def test_different_math500_answers_are_readable_and_told_apart(math500_answers: list[str]) -> None:
    # Less the unit, which an answer may leave out.
    distinct = sorted(
        {split_unit(tidy(answer)).text: answer for answer in math500_answers}.values()
    )
    pairs = list(itertools.pairwise(distinct))
    grades = zip(pairs, grade_many(pairs), strict=True)
    assert [(pair, found) for pair, found in grades if found.status != "incorrect"] == []
