r"""The final answer: what both models are trained to end on, and what a thought itself arrives at.

The trained one is a sentence of the dataset's solution, so it cannot tell whether a thought is
right: what the thought states is read from the thought.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..utils.curation.lines import split_lines
from ..utils.grading import extract_final_answer, grade_many
from ..utils.records import Problem, Thought

CLOSING_LINES = 5
"""The lines at the end of a thought that may say "the answer is …": what is said before may have
been taken back. Other conclusions count in the very last line."""
_TAIL = 4000
"""So many characters hold the closing lines."""

_VALUE = (
    r"(?:\*\*)?"
    r"(?P<value>\$\$?[^$]+\$\$?|\\\(.+?\\\)|\\\[.+?\\\]|[-−+]?\$?\d[\d,]*(?:\.\d+)?(?:/\d+)?\\?%?)"
    r"(?:\*\*)?(?P<unit>(?:\s(?!and\b|or\b|times\b|plus\b|minus\b|over\b|[a-z]*(?:illion|sand)\b)"
    r"[a-z]+){0,3})"
    r"(?:[\s.!*]*$|,\s(?!and\b|or\b)[a-z])"
)
_SHORT_WORD = r"(?:or|is|to|of|in|if|as|so|it|by|no|be|an|at|on|we|do|go|my|me|up|us)\b"
_FORMULA = (
    r"\**(?P<formula>(?=[^\n]{0,80}\d)"
    rf"(?:\\[A-Za-z]+|(?<![A-Za-z])(?!{_SHORT_WORD})[A-Za-z]{{1,2}}(?![A-Za-z])"
    r"|[-−+*/^_=(),.\[\]{}\d\s√π%°]){1,80}?)[\s.!*]*$"
)
"""Mathematics without its dollars: (1, 2), x = 5, x^2 + 1, \\frac{3}{5}, 5cm."""
_LETTER = r"\**\(?(?P<letter>(?-i:[A-J]))\)?[\s.!*]*$"
"""A choice."""
_STATED = rf"(?:{_VALUE}|{_FORMULA}|{_LETTER})"
_ANSWER = re.compile(
    r"\banswer\W{0,3}(?:(?:\s(?:is|(?:must|should|would|will|can only) be)"
    r"(?:\s(?:just|simply|indeed|therefore|thus|then|exactly))?:?|:|=)\s*)\**\s*" + _STATED,
    re.IGNORECASE | re.DOTALL,
)
_HEADING = re.compile(rf"\bfinal answer[*:\s]{{1,8}}{_STATED}", re.IGNORECASE | re.DOTALL)
"""At the very end: "**Final Answer**", and below it the answer alone."""
_CONCLUSION = re.compile(
    r"^(?:so|thus|therefore|hence)\b(?:(?!\s(?:is|are|equals)\s|=).)*(?:\s(?:is|are|equals)|\s?=)\s"
    + _VALUE,
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Judgement:
    """Whether a row ends on the right answer, and whether its thought states that answer.

    Where it does not, the solution alone says so.
    """

    correct: bool
    stated: bool


def judge(thought: Thought) -> Judgement:
    """The final answer that is trained must be right, and the thought must not contradict it."""
    problem = thought.problem
    stated = stated_answer(thought.text)
    if stated is None and extract_final_answer(problem.solution) is None:
        return Judgement(correct=False, stated=False)  # nobody says what the thought arrives at
    answers = [closing_statement(problem), *([stated] if stated is not None else [])]
    grades = grade_many((problem.answer, answer) for answer in answers)
    return Judgement(all(grade.correct for grade in grades), stated is not None)


def stated_answer(text: str) -> str | None:
    r"""What a thought arrives at in its own words; None where it does not say.

    Its last `\boxed{…}`, else the last "the answer is …" of its closing lines, else its last line
    where that draws a conclusion, such as "So the sum is 21.". Only mathematics, numbers and the
    letters of choices count.
    """
    if boxed := extract_final_answer(text):
        return boxed
    closing = [line.strip() for line in split_lines(text[-_TAIL:].strip())[-CLOSING_LINES:]]
    for line in reversed(closing):
        if not line.endswith("?") and (found := _ANSWER.search(line)):
            return _said(found)
    if found := _HEADING.search(text[-_TAIL:].strip()):
        return _said(found)
    concluded = _CONCLUSION.search(closing[-1]) if closing else None
    return concluded["value"] if concluded else None


def _said(found: re.Match[str]) -> str:
    return (found["value"] or found["formula"] or found["letter"]).strip()


def closing_statement(problem: Problem) -> str:
    r"""The final answer of a trajectory: the sentence of the solution with its last `\boxed{…}`."""
    sentences = split_lines(problem.solution)
    boxed = next((s for s in reversed(sentences) if extract_final_answer(s)), None)
    return boxed.strip() if boxed else f"The answer is $\\boxed{{{problem.answer}}}$."
