r"""The final answer that both models are trained to end on, and the one a thought itself states.

The trained one is a sentence of the dataset's solution, so it does not show whether a thought is
correct: the thought's answer is read from the thought.
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

    If it does not, only the solution gives it.
    """

    correct: bool
    stated: bool


def judge(thought: Thought) -> Judgement:
    """The trained final answer must be right, and the thought must not contradict it."""
    problem = thought.problem
    stated, said = stated_answer(thought.text), stated_answer(problem.solution)
    if stated is None and said is None:
        return Judgement(correct=False, stated=False)  # nothing shows the thought's answer
    answers = [closing_statement(problem), *([stated] if stated is not None else [])]
    if said is not None and extract_final_answer(problem.solution) is None:
        answers.append(said)  # the trained sentence is the reference's own
    grades = grade_many((problem.answer, answer) for answer in answers)
    return Judgement(all(grade.correct for grade in grades), stated is not None)


def closing_statement(problem: Problem) -> str:
    r"""The final answer of a trajectory: the sentence of the solution with its last `\boxed{…}`."""
    sentences = split_lines(problem.solution)
    boxed = next((s for s in reversed(sentences) if extract_final_answer(s)), None)
    return boxed.strip() if boxed else f"The answer is $\\boxed{{{problem.answer}}}$."
