"""From result folders to the results of methods: answers graded, tokens counted, times read."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ...utils.data.loading import problem_id
from ...utils.errors import InputError
from ...utils.latency.folder_prices import priced_problems
from ...utils.latency.priced_path import TimePrices
from ...utils.records import Call
from ...utils.results.calls import LedgerSummary, calls_by_problem, iterate_calls, read_calls
from ...utils.results.reading import (
    RESPONSES,
    TrajectoryFile,
    known_again,
    method_name,
    read_run_info,
    records_of,
    trajectory_files,
    without_responses,
    without_texts,
)
from ...utils.tokens.folder_counts import TokenCount, TokenizerSource, folder_token_counts
from ...utils.tokens.tokenizers import token_counter
from ..answer_tables import Problems, answer_table, evaluate_answers
from .outcomes import MethodResults, ProblemResult

Regrade = Callable[[pd.DataFrame, Path], pd.DataFrame]
"""A second grading of the graded table of a result folder, such as by a model; it names itself in
a column Judge."""

SHOWN = 80
"""Characters of a question in an error."""


@dataclass(frozen=True)
class FolderContent:
    """The contents of a result folder, each file read once; `table` is None without answers."""

    folder: Path
    files: Sequence[TrajectoryFile]
    table: pd.DataFrame | None
    counts: Sequence[TokenCount]
    ledger: LedgerSummary
    calls: Sequence[Call] = ()
    priced: Mapping[str, float] = field(default_factory=dict)
    """The priced path of each problem in seconds; empty without prices."""


def read_methods(
    folders: Sequence[Path],
    tokenizer: TokenizerSource = None,
    references: Problems | None = None,
    regrade: Regrade | None = None,
    prices: TimePrices | None = None,
) -> list[MethodResults]:
    """The results in each folder, named by `told_apart`."""
    return told_apart(
        [read_method(folder, tokenizer, references, regrade, prices) for folder in folders],
        folders,
    )


def told_apart(methods: Sequence[MethodResults], folders: Sequence[Path]) -> list[MethodResults]:
    """The methods, one per folder; methods with the same name get a part of the path added.

    Raises InputError if folders with the same name contain different problems.
    """
    _require_same_problems(methods, folders)
    of_name = defaultdict[tuple[str, str], list[Path]](list)
    for method, folder in zip(methods, folders, strict=True):
        of_name[method.dataset, method.method].append(folder)
    return [
        replace(method, method=method.method + _own_part(folder, of_name[key]))
        for method, folder in zip(methods, folders, strict=True)
        for key in [(method.dataset, method.method)]
    ]


def _require_same_problems(methods: Sequence[MethodResults], folders: Sequence[Path]) -> None:
    """A folder's name alone does not identify a dataset: the same id must be the same question."""
    asked: dict[tuple[str, str], tuple[str, Path]] = {}
    for method, folder in zip(methods, folders, strict=True):
        for problem in filter(lambda problem: problem.question, method.problems):
            key = (method.dataset, problem.problem_id)
            question, other = asked.setdefault(key, (problem.question, folder))
            if question != problem.question:
                raise InputError(
                    f"{other} and {folder} have the same name and different problems: "
                    f"{problem.problem_id} asks {question[:SHOWN]!r} in one and "
                    f"{problem.question[:SHOWN]!r} in the other. Compare them separately, or "
                    "rename one folder."
                )


def _own_part(folder: Path, namesakes: Sequence[Path]) -> str:
    """The part of the path, in brackets, that differs from the others; empty without others."""
    if len(set(namesakes)) < 2:
        return ""
    parts = [one.resolve().parts for one in namesakes]
    same = [len(set(names)) == 1 for names in zip(*parts, strict=False)]
    first = same.index(False) if False in same else len(same)
    mine = folder.resolve().parts[first:]
    while len(mine) > 1 and len({one[-1] for one in parts}) == 1:
        mine, parts = mine[:-1], [one[:-1] for one in parts]
    return f" ({'/'.join(mine) or folder})"


def read_method(
    folder: Path,
    tokenizer: TokenizerSource = None,
    references: Problems | None = None,
    regrade: Regrade | None = None,
    prices: TimePrices | None = None,
) -> MethodResults:
    """The results in a folder: one for each problem that has a row, a trajectory or both.

    `references`: problems with answers, for folders without a CSV; `prices`: for priced paths.
    Raises InputError if the folder has neither a CSV nor trajectories.
    """
    judged = regrade is not None
    content = read_content(folder, tokenizer, references, judged=judged, prices=prices)
    return method_results(content, regrade)


def read_content(
    folder: Path,
    tokenizer: TokenizerSource = None,
    references: Problems | None = None,
    *,
    with_texts: bool = False,
    judged: bool = False,
    prices: TimePrices | None = None,
    price_texts: bool = True,
) -> FolderContent:
    """Everything in a folder but the texts. Raises InputError like `read_method`.

    `prices`: for priced paths; `price_texts`: also of problems without a ledger. `judged`: with the
    questions as a judge reads them. `with_texts`: with whole questions, and with the calls,
    solutions and anything else that only the table holds for a problem without a trajectory.
    """
    files = trajectory_files(folder)
    ids = {file.problem_id for file in files}

    def without_trajectories(part: pd.DataFrame) -> pd.DataFrame:
        for column in part.columns.intersection([*RESPONSES]) if "ProblemIdx" in part else ():
            cells = zip(part["ProblemIdx"], part[column], strict=True)
            part[column] = ["" if problem_id(name) in ids else cell for name, cell in cells]
        return part

    keep = without_responses if judged else without_texts
    table = answer_table(folder, references, without_trajectories if with_texts else keep)
    counts = folder_token_counts(folder, tokenizer) if files else []
    with_calls = with_texts or prices is not None
    calls = read_calls(folder) if with_calls else []
    ledger = LedgerSummary.of(calls if with_calls else iterate_calls(folder))
    texts = files if price_texts else ()
    priced = _priced(folder, texts, calls, tokenizer, prices) if prices is not None else {}
    return FolderContent(folder, files, table, counts, ledger, calls, priced)


def _priced(
    folder: Path,
    files: Sequence[TrajectoryFile],
    calls: Sequence[Call],
    tokenizer: TokenizerSource,
    prices: TimePrices,
) -> dict[str, float]:
    source = tokenizer if tokenizer is not None else read_run_info(folder).tokenizer
    count = token_counter(source) if files else len
    return priced_problems(calls_by_problem(calls), files, count, prices)


def method_results(content: FolderContent, regrade: Regrade | None = None) -> MethodResults:
    rows = [] if content.table is None else _read_rows(content.folder, content.table, regrade)
    problems = {row.problem_id: row for row in rows}
    repeated = len(rows) - len(problems)
    for count in content.counts:
        row = problems.get(count.problem_id, ProblemResult(count.problem_id))
        # If nothing was written, counting 0 tokens would make the method look short.
        if count.total:
            phases = count.trajectory.phases if count.trajectory else ()
            row = replace(
                row,
                sequential=count.sequential,
                total=count.total,
                widths=tuple(phase.prompts for phase in phases),
            )
        problems[count.problem_id] = row
    for name, seconds in content.priced.items():
        if name in problems:
            problems[name] = replace(problems[name], priced=seconds)
    return MethodResults(
        method_name(content.folder),
        tuple(problems.values()),
        content.ledger,
        dataset=content.folder.resolve().name,
        serial=all(file.serial for file in content.files),
        repeated=repeated,
        expected=read_run_info(content.folder).problems,
    )


def _read_rows(folder: Path, table: pd.DataFrame, regrade: Regrade | None) -> list[ProblemResult]:
    graded = evaluate_answers(table).graded_df
    if regrade is not None:
        graded = regrade(graded, folder)
    return [
        ProblemResult(
            problem_id(str(row.get("ProblemIdx", index))),
            level=str(row.get("Level", "")),
            subject=str(row.get("Subject", "")),
            status=row["Status"],
            seconds=_seconds(row.get("ElapsedTime", "")),
            judged=bool(row.get("Judge")),
            question=known_again(str(row.get("Question", ""))),
        )
        for index, row in enumerate(records_of(graded))
    ]


def _seconds(cell: object) -> float | None:
    """None also for 0, which marks a problem that was never answered."""
    try:
        value = float(str(cell))
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0 else None
