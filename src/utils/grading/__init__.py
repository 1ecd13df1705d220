"""Grading final answers: a status for each, symbolic equality in killable processes."""

from .extraction import extract_final_answer
from .grader import DEFAULT_TIMEOUT_S, MAX_ANSWER_CHARACTERS, Grade, grade, grade_many
from .rules import Status

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "MAX_ANSWER_CHARACTERS",
    "Grade",
    "Status",
    "extract_final_answer",
    "grade",
    "grade_many",
]
