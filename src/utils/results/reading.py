"""Reads result folders, both those of this package and the published SPRINT logs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..data.source import problem_id
from ..errors import InputError, reason_of
from ..files.json_file import DamagedError, read_object
from .calls import RECORDS
from .writing import SERIAL_LAYOUT, SPRINT_LAYOUT

LAYOUTS = (SPRINT_LAYOUT, SERIAL_LAYOUT)
RESPONSES = tuple(layout.response_column for layout in LAYOUTS)
"""CSV columns with the model's text, which is also in the trajectory files."""
ROWS_AT_ONCE = 20
"""CSV rows that are read at a time: each may contain a long answer, in several copies."""
MADE_AGAIN = "the command that made the folder writes it again from the records in problems/"
KeepPart = Callable[["pd.DataFrame"], "pd.DataFrame"]


LONGEST = 4_200
"""Characters of a question that are kept for a judge, who reads its beginning."""
KNOWN_AGAIN = 320
"""Characters of a question that are kept if it only has to be recognised."""


def without_responses(part: pd.DataFrame) -> pd.DataFrame:
    """The texts of a table to keep if a judge may read the questions."""
    kept = part.drop(columns=[*RESPONSES, "Solution"], errors="ignore")
    if "Question" in kept:
        kept["Question"] = [shortened(question, LONGEST) for question in kept["Question"]]
    return kept


def without_texts(part: pd.DataFrame) -> pd.DataFrame:
    """The texts of a table to keep if nobody reads them."""
    kept = without_responses(part)
    if "Question" in kept:
        kept["Question"] = [known_again(question) for question in kept["Question"]]
    return kept


def known_again(question: str) -> str:
    """Identifies a question in few characters, ignoring white space.

    It is idempotent.
    """
    return shortened(" ".join(shortened(question, LONGEST).split()), KNOWN_AGAIN)


def records_of(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows one after another: unlike `to_dict`, which would store each text twice."""
    names = [str(name) for name in table.columns]
    for cells in zip(*(table[name] for name in table.columns), strict=True):
        yield dict(zip(names, cells, strict=True))


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and a hash of the complete text, in at most `most` characters."""
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
    return f"{text[: most - len(digest) - 3]}... {digest}"


@dataclass(frozen=True)
class TrajectoryFile:
    """The output of inference for one problem: a SPRINT trajectory or a serial response."""

    problem_id: str
    path: Path
    serial: bool

    def read(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class RunInfo:
    """The entries of run.json that evaluation needs; empty if missing.

    `problems`: how many the run was to solve; `at_once`: how many were in flight, 0 if unknown.
    """

    method: str = ""
    model: str = ""
    tokenizer: str = ""
    problems: int | None = None
    at_once: int = 0


def trajectory_files(folder: Path) -> list[TrajectoryFile]:
    """The trajectories of a folder, by problem id: those of the planner, else the serial ones.

    Raises InputError if the folder does not exist; a folder without any gives an empty list.
    """
    if folder.is_file():
        raise InputError(f"{folder} is a file: give the result folder that contains it.")
    if not folder.is_dir():
        raise InputError(f"The result folder {folder} does not exist: check the path.")
    for layout in LAYOUTS:
        prefix = f"{layout.trajectory_prefix}_"
        found = [
            TrajectoryFile(path.stem.removeprefix(prefix), path, serial=layout is SERIAL_LAYOUT)
            for path in sorted(folder.glob(f"{prefix}*.txt"))
        ]
        if found:
            return found
    return []


def read_run_info(folder: Path) -> RunInfo:
    """The entries of run.json; all empty without one. Raises InputError if it is damaged."""
    path = folder / "run.json"
    if not path.exists():
        return RunInfo()
    content = read_object(path, "restore it from a copy, or remove it")
    named = [content.get(key) or "" for key in ("method", "model", "tokenizer")]
    if not all(isinstance(name, str) for name in named):
        raise DamagedError(path, "no names", "restore it from a copy, or remove it")
    method, model, tokenizer = named
    problems, workers = content.get("problems"), content.get("num_workers")
    return RunInfo(
        method,
        model,
        _from_its_place(tokenizer, folder),
        problems if type(problems) is int and problems >= 0 else None,
        workers if type(workers) is int and workers > 0 else 0,
    )


def _from_its_place(tokenizer: str, folder: Path) -> str:
    """A relative path of a run counts from its working directory, above its results."""
    if tokenizer and not Path(tokenizer).exists():
        for above in folder.resolve().parents:
            if (above / tokenizer / "tokenizer.json").is_file():
                return str(above / tokenizer)
    return tokenizer


def wall_clocks(folder: Path) -> dict[str, float]:
    """The wall clock of each problem in the folder's table, in seconds; 0 where it is unknown."""
    table = read_results(folder, without_texts)
    if table is None or "ElapsedTime" not in table:
        return {}
    pairs = zip(table["ProblemIdx"], table["ElapsedTime"], strict=True)
    return {problem_id(name): float(time or 0) for name, time in pairs}


def method_name(folder: Path) -> str:
    """From run.json, else from the folder's path: `…/base_model_output_RFT/MATH-500_default`.

    The published SPRINT logs have `…/SPRINT/MATH-500_default`.
    """
    parent = folder.resolve().parent.name
    return read_run_info(folder).method or parent.removeprefix("base_model_output_") or str(folder)


def read_results(folder: Path, keep: KeepPart | None = None) -> pd.DataFrame | None:
    """The results CSV of a folder, all columns as text; None without one.

    Text, because pandas would misread the answers `007`, `None` and `1e5`. `keep` gets a few rows
    at a time and returns what to keep: the complete table may not fit into memory.
    """
    for layout in LAYOUTS:
        path = folder / layout.csv_name
        if path.is_file():
            try:
                table = _read_table(path, keep)
            except ValueError as error:
                raise _no_table(path, reason_of(error)) from error
            _refuse_damaged(table, path)
            _refuse_shifted(table, path)
            return table
    return None


def _read_table(path: Path, keep: KeepPart | None) -> pd.DataFrame:
    import pandas as pd

    options: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    if keep is None:
        return pd.read_csv(path, **options)
    with pd.read_csv(path, **options, chunksize=ROWS_AT_ONCE) as parts:
        return pd.concat([keep(part) for part in parts])


def _no_table(path: Path, reason: str) -> InputError:
    """The error for an unreadable table; for one of ours, how to restore it."""
    if _has_records(path.parent):
        return DamagedError(path, reason, MADE_AGAIN)
    return InputError(f"{path} should be a CSV with a header: {reason}.")


def _has_records(folder: Path) -> bool:
    return any((folder / RECORDS).glob("*.json"))


def _refuse_damaged(table: pd.DataFrame, path: Path) -> None:
    """InputError for a table that pandas can read although it is incomplete.

    It fills up a truncated row, and reads the zeros that a crash leaves as text.
    """
    if any("\0" in name for name in table.get("ProblemIdx", table.columns)):
        raise _no_table(path, "zero bytes where a problem's id should be")
    if _has_records(path.parent) and not _ends_a_line(path):
        raise _no_table(path, "its last row is cut short")


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _refuse_shifted(table: Any, path: Path) -> None:
    """InputError if pandas has made an index of the first column of a .csv file.

    It does so if the first row has more fields than the header, which shifts all columns.
    """
    import pandas as pd

    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(
            f"{path} has rows with more fields than its header has names: name all columns, and "
            "put fields that contain a comma in double quotes."
        )
