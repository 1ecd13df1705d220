"""Grading final answers: a status for each, symbolic equality in killable processes."""

from .countdown import countdown_gold, read_countdown_gold, same_expression
from .escapes import restore_escapes
from .extraction import extract_final_answer, has_box
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
    "has_box",
    "read_countdown_gold",
    "restore_escapes",
    "same_expression",
]
