"""Accuracy of the answers in a results table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from ..utils.errors import InputError
from ..utils.grading import DEFAULT_TIMEOUT_S, Grade, grade_many
from .altered_tables import PREDICTED_COLUMN, TRUE_COLUMN, answers_as_text


class EvalMetrics(NamedTuple):
    """Metrics of a table of answers.

    `accuracy`: correct answers as a fraction (0 to 1) of all rows; an answer that was cut off, is
    missing, cannot be graded or timed out counts as wrong. `attempted`: rows whose answer could be
    graded. `incomplete`: rows without a final answer. `graded_df`: the table with the added columns
    Status (see `grading.Status`) and Correct.
    """

    accuracy: float
    attempted: int
    incomplete: int
    graded_df: pd.DataFrame


def evaluate_answers(df: pd.DataFrame, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> EvalMetrics:
    """Grade each row's PredictedFinalAnswer against its TrueFinalAnswer.

    Either may be a bare answer or a text whose last box is the answer. Cells that pandas has
    altered are restored if possible, with an AlteredAnswersWarning. Raises InputError if a column
    is missing or there are no rows.
    """
    missing = [name for name in (PREDICTED_COLUMN, TRUE_COLUMN) if name not in df.columns]
    if missing:
        raise InputError(
            f"The results should have the columns {PREDICTED_COLUMN} and {TRUE_COLUMN}, but "
            f"{' and '.join(missing)} is missing; there are: {', '.join(map(str, df.columns))}."
        )
    if df.empty:
        raise InputError("The results have no rows: wait until a run has written some.")
    answers = answers_as_text(df)
    pairs = zip(answers.true, answers.predicted, strict=True)
    grades = grade_many(((gold or "", answer) for gold, answer in pairs), timeout_s=timeout_s)
    graded = df.copy()
    graded["Status"] = [grade.status for grade in grades]
    graded["Correct"] = [grade.correct for grade in grades]
    return EvalMetrics(
        accuracy=_share_correct(grades),
        attempted=sum(grade.gradable for grade in grades),
        incomplete=sum(grade.status == "no_answer" for grade in grades),
        graded_df=graded,
    )


def _share_correct(grades: Sequence[Grade]) -> float:
    return sum(grade.correct for grade in grades) / len(grades)
