"""The answers in a result folder as a table: from its CSV, or else from its trajectories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from ..utils.data.loading import DataSource, load_problems, problem_id
from ..utils.errors import InputError
from ..utils.files.unicode import valid_unicode
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
                f"{folder} should hold {' or '.join(layout.csv_name for layout in LAYOUTS)}, or "
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
