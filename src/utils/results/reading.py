"""Reading result folders: those that this package writes, and the published SPRINT logs alike."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import InputError
from ..files.json_file import DamagedError, read_object
from .calls import RECORDS
from .writing import SERIAL_LAYOUT, SPRINT_LAYOUT

LAYOUTS = (SPRINT_LAYOUT, SERIAL_LAYOUT)
RESPONSES = tuple(layout.response_column for layout in LAYOUTS)
"""The columns of a CSV with what a model wrote, which stands in the trajectory files, too."""
ROWS_AT_ONCE = 20
"""Rows of a CSV that are read at a time: each may hold a long answer, in several copies."""
MADE_AGAIN = "the command that made the folder writes it again from the records in problems/"
KeepPart = Callable[["pd.DataFrame"], "pd.DataFrame"]


LONGEST = 4_200
"""Characters of a question that are kept for a judge, who reads its beginning."""
KNOWN_AGAIN = 320
"""Characters of a question that are kept where it only has to be known again."""


def without_responses(part: pd.DataFrame) -> pd.DataFrame:
    """What to keep of a table where a judge may look at the questions."""
    kept = part.drop(columns=[*RESPONSES, "Solution"], errors="ignore")
    if "Question" in kept:
        kept["Question"] = [shortened(question, LONGEST) for question in kept["Question"]]
    return kept


def without_texts(part: pd.DataFrame) -> pd.DataFrame:
    """What to keep of a table where nobody looks at its texts."""
    kept = without_responses(part)
    if "Question" in kept:
        kept["Question"] = [known_again(question) for question in kept["Question"]]
    return kept


def known_again(question: str) -> str:
    """What tells a question from others but for white space, in few characters.

    Of what it has made it makes the same.
    """
    return shortened(" ".join(shortened(question, LONGEST).split()), KNOWN_AGAIN)


def records_of(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows one after another: as `to_dict`, which would hold each text a second time."""
    names = [str(name) for name in table.columns]
    for cells in zip(*(table[name] for name in table.columns), strict=True):
        yield dict(zip(names, cells, strict=True))


def shortened(text: str, most: int) -> str:
    """The text, or its beginning and a hash of all of it, together of `most` characters."""
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
    return f"{text[: most - len(digest) - 3]}... {digest}"


@dataclass(frozen=True)
class TrajectoryFile:
    """What inference wrote for one problem: a SPRINT trajectory, or a serial response."""

    problem_id: str
    path: Path
    serial: bool

    def read(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace")


@dataclass(frozen=True)
class RunInfo:
    """What run.json says that evaluation needs; empty where it does not say.

    `problems`: how many the run was to solve.
    """

    method: str = ""
    model: str = ""
    tokenizer: str = ""
    problems: int | None = None


def trajectory_files(folder: Path) -> list[TrajectoryFile]:
    """The trajectories of a folder, by problem id: of the planner, or else the serial ones.

    Raises InputError if the folder does not exist; a folder without any gives an empty list.
    """
    if folder.is_file():
        raise InputError(f"{folder} is a file: give the result folder that it lies in.")
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
    """What run.json says; all empty without one. Raises InputError if it is damaged."""
    path = folder / "run.json"
    if not path.exists():
        return RunInfo()
    content = read_object(path, "restore it from a copy, or remove it")
    named = [content.get(key) or "" for key in ("method", "model", "tokenizer")]
    if not all(isinstance(name, str) for name in named):
        raise DamagedError(path, "no names", "restore it from a copy, or remove it")
    method, model, tokenizer = named
    problems = content.get("problems")
    return RunInfo(
        method,
        model,
        _from_its_place(tokenizer, folder),
        problems if type(problems) is int and problems >= 0 else None,
    )


def _from_its_place(tokenizer: str, folder: Path) -> str:
    """A relative path of a run counts from where it ran, which is above its results."""
    if tokenizer and not Path(tokenizer).exists():
        for above in folder.resolve().parents:
            if (above / tokenizer / "tokenizer.json").is_file():
                return str(above / tokenizer)
    return tokenizer


def method_name(folder: Path) -> str:
    """From run.json, or else from the folder's place: `…/base_model_output_RFT/MATH-500_default`.

    The published SPRINT logs have `…/SPRINT/MATH-500_default`.
    """
    parent = folder.resolve().parent.name
    return read_run_info(folder).method or parent.removeprefix("base_model_output_") or str(folder)


def read_results(folder: Path, keep: KeepPart | None = None) -> pd.DataFrame | None:
    """The results CSV of a folder, all columns as text; None without one.

    Text, since pandas would take the answers `007`, `None` and `1e5` for something else. `keep` is
    given some rows at a time, and says what of them is held: the whole may not fit the memory.
    """
    for layout in LAYOUTS:
        path = folder / layout.csv_name
        if path.is_file():
            try:
                table = _read_table(path, keep)
            except ValueError as error:
                raise _no_table(path, " ".join(str(error).split())[:200]) from error
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
    """What to say of a table that cannot be read; of one of ours, how it comes back."""
    if _has_records(path.parent):
        return DamagedError(path, reason, MADE_AGAIN)
    return InputError(f"{path} should be a CSV with a header: {reason}.")


def _has_records(folder: Path) -> bool:
    return any((folder / RECORDS).glob("*.json"))


def _refuse_damaged(table: pd.DataFrame, path: Path) -> None:
    """InputError for what pandas reads and is none the less no whole table.

    It fills up a row that is cut short, and takes the zeros that a crash leaves for a text.
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
    """InputError where pandas has made an index of the first column of a .csv file.

    It does where the first row has more fields than the header, and so shifts all columns.
    """
    import pandas as pd

    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(
            f"{path} has rows with more fields than its header has names: name all columns, and "
            "put fields that hold a comma in double quotes."
        )
