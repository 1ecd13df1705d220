"""The answers of a result folder as a table, from its CSV or its trajectories; their accuracy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..utils.data.loading import DataSource, load_problems, problem_id
from ..utils.errors import InputError
from ..utils.files.unicode import valid_unicode
from ..utils.grading import DEFAULT_TIMEOUT_S, Grade, grade_many
from ..utils.grading.final_answers import serial_answer, sprint_answer
from ..utils.grammar import parse
from ..utils.records import Problem
from ..utils.results.reading import (
    LAYOUTS,
    KeepPart,
    TrajectoryFile,
    read_results,
    trajectory_files,
)
from .altered_tables import PREDICTED_COLUMN, TRUE_COLUMN, answers_as_text

Problems = Mapping[str, Problem]
"""Problems by id."""


def load_references(datasets: Iterable[str]) -> dict[str, Problem]:
    """The problems of test sets (names on the hub, folders or files), by id.

    For folders without reference answers, such as the published logs.
    """
    return {
        problem.id: problem
        for dataset in datasets
        for problem in load_problems(DataSource(dataset))
    }


def answer_table(
    folder: Path, references: Problems | None = None, keep: KeepPart | None = None
) -> pd.DataFrame | None:
    """A row for each problem of the folder, all columns as text; None if there is no answer.

    Without a CSV, final answers are read from the trajectories and the rest from `references`; a
    problem that they lack has an empty reference answer. Level and Subject also come from there if
    the CSV has no such column. Raises InputError if the folder has neither a CSV nor trajectories,
    or no trajectory of a problem in `references`. `keep` is passed on to `read_results`.
    """
    has_table = any((folder / layout.csv_name).is_file() for layout in LAYOUTS)
    if not references and not has_table and trajectory_files(folder):
        return None
    return read_answers(folder, references, keep)


def read_answers(
    folder: Path, references: Problems | None = None, keep: KeepPart | None = None
) -> pd.DataFrame:
    """Like `answer_table`; without a CSV and `references` all reference answers are empty."""
    references = references or {}
    table = read_results(folder, keep)
    if table is None:
        files = trajectory_files(folder)
        if not files:
            raise InputError(
                f"{folder} should contain {' or '.join(layout.csv_name for layout in LAYOUTS)}, or "
                "trajectory files, but has neither: give the folder that inference wrote for a "
                "dataset."
            )
        return _from_trajectories(folder, files, references)
    if "ProblemIdx" not in table:
        return table
    ids = [problem_id(name) for name in table["ProblemIdx"]]
    found = [references.get(one) for one in ids]
    if any(found):
        for column, values in {
            "Level": [problem.level if problem else "" for problem in found],
            "Subject": [problem.subject if problem else "" for problem in found],
        }.items():
            if column not in table:
                table[column] = values
    return table


def _from_trajectories(
    folder: Path, files: list[TrajectoryFile], references: Problems
) -> pd.DataFrame:
    if references and not any(file.problem_id in references for file in files):
        raise InputError(
            f"None of the {len(files)} trajectories in {folder} belongs to a problem of the test "
            f"set: expected ids such as {next(iter(references))}, found {files[0].problem_id}. "
            "Give the dataset that they were made for."
        )
    return pd.DataFrame([_row(file, references.get(file.problem_id)) for file in files])


def _row(file: TrajectoryFile, reference: Problem | None) -> dict[str, str]:
    text = file.read()
    answer = serial_answer(text) if file.serial else sprint_answer(parse(text).final_answer)
    return {
        "ProblemIdx": valid_unicode(file.problem_id),
        "PredictedFinalAnswer": answer,
        "TrueFinalAnswer": reference.answer if reference else "",
        "Question": reference.question if reference else "",
        "Solution": reference.solution if reference else "",
        "Level": reference.level if reference else "",
        "Subject": reference.subject if reference else "",
    }


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
