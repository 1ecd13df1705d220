r"""The final answer: what both models are trained to end on, and what a thought itself arrives at.

The trained one is a sentence of the dataset's solution, so it cannot tell whether a thought is
right: what the thought states is read from the thought.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..utils.grading import extract_final_answer, grade_many
from ..utils.grading.stated_answers import stated_answer
from ..utils.grammar.lines import split_lines
from ..utils.records import Problem, Thought


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
    stated, said = stated_answer(thought.text), stated_answer(problem.solution)
    if stated is None and said is None:
        return Judgement(correct=False, stated=False)  # nobody says what the thought arrives at
    answers = [closing_statement(problem), *([stated] if stated is not None else [])]
    if said is not None and extract_final_answer(problem.solution) is None:
        answers.append(said)  # the sentence that is trained is the reference's own
    grades = grade_many((problem.answer, answer) for answer in answers)
    return Judgement(all(grade.correct for grade in grades), stated is not None)


def closing_statement(problem: Problem) -> str:
    r"""The final answer of a trajectory: the sentence of the solution with its last `\boxed{…}`."""
    sentences = split_lines(problem.solution)
    boxed = next((s for s in reversed(sentences) if extract_final_answer(s)), None)
    return boxed.strip() if boxed else f"The answer is $\\boxed{{{problem.answer}}}$."
