"""Evaluation for notebooks, from the root of the repository:

    import sys
    sys.path.append("src/utils/")
    import evaluate_utils

A thin facade. Its imports are absolute, because this file is then not part of a package.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from sprint.analysis.altered_tables import AlteredAnswersWarning
from sprint.analysis.answer_tables import (
    EvalMetrics,
    evaluate_answers,
    load_references,
    read_answers,
)
from sprint.analysis.compare import MethodResults, comparison, read_methods
from sprint.analysis.compare.config import BY, By
from sprint.utils.grading import grade
from sprint.utils.tokens.folder_counts import TokenizerSource, folder_token_counts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "AlteredAnswersWarning",
    "EvalMetrics",
    "compare_folders",
    "draw_folders",
    "get_eval_metrics",
    "get_seq_token_counts",
    "get_token_counts",
    "read_results",
    "use_math_verify",
]


def read_results(folder_path: str | Path, test_hub_path: str | None = None) -> pd.DataFrame:
    """The results in the folder of any method, a row for each problem, all columns as text.

    Text, because pandas would misread the answers `None`, `007` and `0.10`; convert times with
    `pd.to_numeric`. Without a CSV, as in the published logs, answers are read from the
    trajectories; the reference answers are then those of the test set `test_hub_path`, or empty.

    """
    references = load_references([test_hub_path] if test_hub_path else [])
    return read_answers(Path(folder_path), references)


def get_eval_metrics(df: pd.DataFrame) -> EvalMetrics:
    """(accuracy, attempted, incomplete, graded_df) of a results CSV.

    `accuracy` is a fraction from 0 to 1 of all rows; `attempted` counts the rows with an answer
    that could be graded, `incomplete` those without a final answer; `graded_df` has the added
    columns Status and Correct. Give it the table of `read_results`; answers that `pd.read_csv` has
    altered are restored from other columns if possible, with an AlteredAnswersWarning.
    """
    return evaluate_answers(df)


def get_seq_token_counts(folder_path: str | Path, tokenizer: TokenizerSource = None) -> float:
    """Mean number of sequential tokens over the problems of a result folder.

    Problems without any output (refused by the server, for example) are not included.

    `tokenizer`: a name, a path, or an object with `encode(text, add_special_tokens=False)`; None
    uses the one in the folder's run.json. Tags of the grammar do not count.
    """
    counts = [
        count.sequential
        for count in folder_token_counts(Path(folder_path), tokenizer)
        if count.total
    ]
    return sum(counts) / len(counts) if counts else math.nan


def get_token_counts(folder_path: str | Path, tokenizer: TokenizerSource = None) -> pd.DataFrame:
    """A row for each problem: ProblemIdx, SequentialTokens, TotalTokens, Phases, Prompts."""
    columns = ["ProblemIdx", "SequentialTokens", "TotalTokens", "Phases", "Prompts"]
    counts = folder_token_counts(Path(folder_path), tokenizer)
    return pd.DataFrame([count[: len(columns)] for count in counts], columns=columns)


def use_math_verify(gold: str, answer: str | None) -> bool:
    """Whether an answer equals the reference answer, by its mathematical value."""
    return bool(grade(gold, answer).correct)


def compare_folders(
    folders: Sequence[str | Path],
    tokenizer: TokenizerSource = None,
    test_hub_path: str | None = None,
    by: By = BY,
) -> str:
    """The tables of `python -m sprint.analysis.compare`, in Markdown.

    `test_hub_path`: the test set, for folders that contain no answers (the published logs).
    """
    return str(comparison(_read(folders, tokenizer, test_hub_path), by))


def draw_folders(
    folders: Sequence[str | Path],
    tokenizer: TokenizerSource = None,
    test_hub_path: str | None = None,
) -> dict[str, Figure]:
    """The figures of `sprint figures`, by name; the first folder is the baseline.

    A figure is displayed in a notebook; `figure.savefig(path)` saves it.
    """
    # Imported here: grading alone needs no matplotlib.
    from sprint.analysis.figures import draw_figures

    return dict(draw_figures(_read(folders, tokenizer, test_hub_path)))


def _read(
    folders: Sequence[str | Path], tokenizer: TokenizerSource, test_hub_path: str | None
) -> list[MethodResults]:
    references = load_references([test_hub_path] if test_hub_path else [])
    return list(read_methods([Path(one) for one in folders], tokenizer, references))
