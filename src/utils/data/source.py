"""Selects rows of a dataset, and derives file names from them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..defaults import ALL_ROWS, DEFAULT
from ..errors import InputError
from .formats import format_of, without_compression

FIRST_CORRECT, FIRST_COMPLETE = "first_correct", "first_complete"

COLUMN_ROLES = (
    "question",
    "thought",
    "trajectory",
    "answer",
    "solution",
    "id",
    "level",
    "subject",
)
"""The roles of columns, for `--<role>_column`."""


@dataclass(frozen=True)
class DataSource:
    """The selected rows of a dataset; a column that is not named is found by its usual names.

    A column may be named with a path into its lists and objects: `messages.1.content`.
    `generation`, for rows with several thoughts: `first_correct` by the marks of the dataset (else
    the first complete one), `first_complete`, or a number, from 0.
    """

    hub_path: str
    subset: str = DEFAULT
    split: str = DEFAULT
    rows: str = ALL_ROWS
    question_column: str = ""
    answer_column: str = ""
    id_column: str = ""
    solution_column: str = ""
    thought_column: str = ""
    trajectory_column: str = ""
    level_column: str = ""
    subject_column: str = ""
    generation: str = FIRST_CORRECT

    @property
    def named_columns(self) -> dict[str, str]:
        """The named columns, by role."""
        named = {role: str(getattr(self, f"{role}_column")) for role in COLUMN_ROLES}
        return {role: column for role, column in named.items() if column}

    @property
    def folder_name(self) -> str:
        """`<dataset basename>_<subset basename>`, the folder that results go to."""
        name = Path(self.hub_path).name
        if format_of(name) is not None:
            name = PurePosixPath(without_compression(name)).stem
        return f"{safe_name(name)}_{safe_name(Path(self.subset).name or DEFAULT)}"


def safe_name(text: str) -> str:
    """`text` as one part of a path: no separators, no leading dot, at most 120 characters."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".")[:120]
    return name or "unnamed"


def problem_id(value: str) -> str:
    """`test/algebra/1004.json` -> `test_algebra_1004`."""
    return safe_name(value.removesuffix(".json").strip("/"))


def unique_ids(keys: Sequence[str]) -> list[str]:
    """A file-safe id for each row, in order; a repeated or empty key gets the row's number."""
    used: dict[str, None] = {}
    for index, key in enumerate(keys):
        name = problem_id(key) if key else str(index)
        while name in used:
            name += f"_row{index}"
        used[name] = None
    return list(used)


def parse_range(text: str, length: int) -> range:
    """`first:last` of `length` rows, like a slice; InputError if it selects no row."""
    match = re.fullmatch(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*", text)
    if match is None or "-" in match.groups():
        raise InputError(f"The range should read FIRST:LAST, such as 0:100 or ':', not {text!r}.")
    first, last = (int(part) if part else None for part in match.groups())
    rows = range(length)[first:last]
    if not rows and first is not None and last is not None and first >= last:
        raise InputError(
            f"The range {text!r} selects no row: expected FIRST below LAST; the data has "
            f"{length} rows."
        )
    beyond = last is not None and last > length
    if not rows or beyond:
        raise InputError(
            f"The range {text!r} is outside of the data, which has {length} rows: "
            f"choose FIRST:LAST within 0:{length}."
        )
    return rows
