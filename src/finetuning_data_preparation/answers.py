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
_ANSWER = re.compile(
    r"\banswer\W{0,3}(?:(?:\s(?:is|(?:must|should|would|will|can only) be)"
    r"(?:\s(?:just|simply|indeed|therefore|thus|then|exactly))?:?|:|=)\s*)\**\s*" + _VALUE,
    re.IGNORECASE | re.DOTALL,
)
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
    where that draws a conclusion, such as "So the sum is 21.". Only mathematics and numbers count.
    """
    if boxed := extract_final_answer(text):
        return boxed
    closing = [line.strip() for line in split_lines(text[-_TAIL:].strip())[-CLOSING_LINES:]]
    for line in reversed(closing):
        if not line.endswith("?") and (found := _ANSWER.search(line)):
            return found["value"]
    concluded = _CONCLUSION.search(closing[-1]) if closing else None
    return concluded["value"] if concluded else None


def closing_statement(problem: Problem) -> str:
    r"""The final answer of a trajectory: the sentence of the solution with its last `\boxed{…}`."""
    sentences = split_lines(problem.solution)
    boxed = next((s for s in reversed(sentences) if extract_final_answer(s)), None)
    return boxed.strip() if boxed else f"The answer is $\\boxed{{{problem.answer}}}$."
