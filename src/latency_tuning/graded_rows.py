"""The rows of a result folder with their grades."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..utils.data.source import problem_id
from ..utils.errors import InputError
from ..utils.grading import grade_many
from ..utils.results.reading import KeepPart, read_results, records_of


def graded_rows(
    folder: Path, keep: KeepPart | None = None
) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """The id, the row and whether its answer is right, of each problem; `keep` as in read_results.

    InputError if the folder has no results.
    """
    table = read_results(folder, keep)
    if table is None:
        raise InputError(f"{folder} has no results: give a folder of 'sprint orchestrate'.")
    rows = list(records_of(table))
    grades = grade_many([(row["TrueFinalAnswer"], row["PredictedFinalAnswer"]) for row in rows])
    for row, grade in zip(rows, grades, strict=True):
        yield problem_id(row["ProblemIdx"]), row, grade.correct
