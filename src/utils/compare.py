"""Compare result folders: accuracy, tokens and wall clock of each, overall and by level.

Prints Markdown. Differences are to the first folder. Folders of the published logs work too: what
they do not hold is shown as –.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pandas as pd

from .answer_metrics import evaluate_answers
from .atomic import write_text
from .cli import make_parser, run_main
from .compare_table import MethodResults, ProblemResult, comparison
from .datasets_io import problem_id
from .errors import InputError
from .result_folder import (
    LAYOUTS,
    read_ledger,
    read_results,
    read_run_info,
    trajectory_files,
)
from .token_metrics import TokenizerSource, folder_token_counts


def read_method(folder: Path, tokenizer: TokenizerSource = None) -> MethodResults:
    """The results in a folder, one for each problem that has a row, a trajectory or both.

    Raises InputError if the folder has neither CSV nor trajectories.
    """
    files, table = trajectory_files(folder), read_results(folder)
    if not files and table is None:
        raise InputError(
            f"{folder} should hold {' or '.join(layout.csv_name for layout in LAYOUTS)}, or "
            "trajectory files, but has neither: give the folder that inference wrote for a dataset."
        )
    problems = {} if table is None else _read_rows(table)
    for count in folder_token_counts(folder, tokenizer) if files else ():
        row = problems.get(count.problem_id, ProblemResult(count.problem_id))
        # Where nothing was written, no tokens would make the method look short.
        if count.total:
            row = replace(row, sequential=count.sequential, total=count.total)
        problems[count.problem_id] = row
    return MethodResults(_method_name(folder), tuple(problems.values()), read_ledger(folder))


def compare(folders: list[Path], tokenizer: TokenizerSource = None) -> str:
    """The comparison of result folders in Markdown."""
    methods = [read_method(folder, tokenizer) for folder in folders]
    times = Counter(method.method for method in methods)
    return comparison(
        [
            # Two folders of one method are told apart by their paths.
            method
            if times[method.method] == 1
            else replace(method, method=f"{method.method} ({folder})")
            for method, folder in zip(methods, folders, strict=True)
        ]
    )


def _read_rows(table: pd.DataFrame) -> dict[str, ProblemResult]:
    graded = evaluate_answers(table).graded_df
    levels = graded["Level"] if "Level" in graded else [""] * len(graded)
    times = graded["ElapsedTime"] if "ElapsedTime" in graded else [""] * len(graded)
    ids = graded["ProblemIdx"] if "ProblemIdx" in graded else range(len(graded))
    return {
        problem_id(str(name)): ProblemResult(
            problem_id(str(name)), level=str(level), status=status, seconds=_seconds(time)
        )
        for name, level, status, time in zip(ids, levels, graded["Status"], times, strict=True)
    }


def _seconds(cell: str) -> float | None:
    """None also for 0, which stands for a problem that was never answered."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None


def _method_name(folder: Path) -> str:
    """From run.json, or else from the folder's place: `…/base_model_output_RFT/MATH-500_default`.

    The published SPRINT logs have `…/SPRINT/MATH-500_default`.
    """
    parent = folder.resolve().parent.name
    return read_run_info(folder).method or parent.removeprefix("base_model_output_") or str(folder)


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="result folder")
    parser.add_argument(
        "--tokenizer",
        help="name or path of the tokenizer to count with; by default the one in each run.json",
    )
    parser.add_argument("--output", type=Path, help="also write the tables to this Markdown file")
    return parser.parse_args(argv)


def main() -> None:
    arguments = parse_arguments()
    report = compare(arguments.folders, arguments.tokenizer)
    if arguments.output is not None:
        try:
            write_text(arguments.output, report)
        except OSError as error:
            raise InputError(
                f"Cannot write {arguments.output} ({error.strerror}): choose a path in a folder "
                "that exists and that you may write to."
            ) from error
    print(report, end="")


if __name__ == "__main__":
    run_main(main)
