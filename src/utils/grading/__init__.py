"""Grading final answers: a status for each, symbolic equality in killable processes."""

from .countdown import countdown_gold, read_countdown_gold, same_expression
from .extraction import extract_final_answer
from .grader import DEFAULT_TIMEOUT_S, MAX_ANSWER_CHARACTERS, Grade, grade, grade_many
from .statuses import Status

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "MAX_ANSWER_CHARACTERS",
    "Grade",
    "Status",
    "countdown_gold",
    "extract_final_answer",
    "grade",
    "grade_many",
    "read_countdown_gold",
    "same_expression",
]
