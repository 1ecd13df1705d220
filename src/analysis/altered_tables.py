"""Restores answers in a table that pandas has read as numbers, dates or missing values.

`pd.read_csv` reads `None`, `NA` and `null` as missing, `0.10` as 0.1, `007` as 7 and `TRUE` as a
truth value, and drops the digits of a long number beyond the seventeenth. The original answer is
read again from the model's text, and accepted if pandas would turn it into the cell.
"""

from __future__ import annotations

import datetime
import math
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from ..utils.grading import extract_final_answer
from ..utils.grading.final_answers import serial_answer, sprint_answer
from ..utils.grammar import parse
from ..utils.results.writing import SERIAL_LAYOUT, SPRINT_LAYOUT

PREDICTED_COLUMN = "PredictedFinalAnswer"
TRUE_COLUMN = "TrueFinalAnswer"
SOLUTION_COLUMN = "Solution"

READ_AS_MISSING = frozenset(
    {
        *("#N/A", "#N/A N/A", "#NA", "N/A", "n/a", "NA", "<NA>", "NULL", "null", "None"),
        *("NaN", "-NaN", "nan", "-nan", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    }
)
"""What `pd.read_csv` reads as a missing value, besides an empty cell."""
EXACT_FLOATS = 1 << 53
"""From here on several integers become the same float."""
_SAYS_NONE = re.compile(r"\s*\$?\s*(?:\\text\s*\{)?\s*(?:none|null|n/?a|nan)\s*\}?\s*\$?\s*", re.I)
_INTEGER = re.compile(r"[-+]?[0-9]+")


class AlteredAnswersWarning(UserWarning):
    """A column of answers no longer contains the text of the CSV file."""


class Answers(NamedTuple):
    """The answers of a table, row by row, as text; None for a missing one."""

    true: list[str | None]
    predicted: list[str | None]


class _Column(NamedTuple):
    """A column as text. `restored` and `lost` count the altered cells."""

    texts: list[str | None]
    restored: int
    lost: int


def answers_as_text(table: pd.DataFrame) -> Answers:
    """The columns PredictedFinalAnswer and TrueFinalAnswer as they were in the CSV file.

    Altered cells are restored from the model's text and the solution, if the table has those
    columns. Warns with AlteredAnswersWarning, once per column, if a cell was altered.
    """
    solutions = _cells(table, SOLUTION_COLUMN)
    true = _as_text(table[TRUE_COLUMN], solutions, _in_solution, _lost_gold, _unambiguous)
    responses = _first_column(table, (SPRINT_LAYOUT, SERIAL_LAYOUT))
    is_lost = _lost_answer(true.texts)
    predicted = _as_text(table[PREDICTED_COLUMN], responses, _in_response, is_lost, _written)
    for name, column in ((TRUE_COLUMN, true), (PREDICTED_COLUMN, predicted)):
        _warn(name, column)
    return Answers(true.texts, predicted.texts)


def _first_column(table: pd.DataFrame, layouts: Iterable[Any]) -> Sequence[Any]:
    names = (layout.response_column for layout in layouts)
    return _cells(table, next((name for name in names if name in table), ""))


def _cells(table: pd.DataFrame, name: str) -> Sequence[Any]:
    return list(table[name]) if name in table else [None] * len(table)


def _as_text(
    cells: Iterable[Any],
    sources: Sequence[Any],
    read: Callable[[str], Iterator[str]],
    is_lost: Callable[[int, Any, Any], bool],
    write: Callable[[Any], str | None],
) -> _Column:
    """`read` gives candidates for a cell from the source next to it; else `write` decides."""
    texts, restored, lost = list[str | None](), 0, 0
    for place, (cell, source) in enumerate(zip(cells, sources, strict=True)):
        if isinstance(cell, str):
            texts.append(cell)
            continue
        before = read(source) if isinstance(source, str) else iter(())
        text = next((one for one in before if _becomes(one, cell)), None)
        if text is None:
            texts.append(write(cell))
            lost += is_lost(place, cell, source)
        else:
            texts.append(text)
            restored += text != _written(cell)
    return _Column(texts, restored, lost)


def _in_response(text: str) -> Iterator[str]:
    """The answers in a model's text: of a serial response, a trajectory, or its samples."""
    yield serial_answer(text)
    trajectory = parse(text)
    yield sprint_answer(trajectory.final_answer)
    yield serial_answer(trajectory.final_answer or "")
    for phase in trajectory.phases:
        yield from map(serial_answer, phase.executions)


def _in_solution(text: str) -> Iterator[str]:
    boxed = extract_final_answer(text)
    if boxed is not None:
        yield boxed


def _lost_gold(place: int, cell: Any, source: Any) -> bool:
    return _is_missing(cell) or not _is_exact(cell)


def _lost_answer(gold: Sequence[str | None]) -> Callable[[int, Any, Any], bool]:
    def is_lost(place: int, cell: Any, source: Any) -> bool:
        if not _is_missing(cell):
            return not _is_exact(cell)
        # An empty cell usually is a missing answer; it matters only if it may be a real one.
        reference = gold[place]
        written = isinstance(source, str)
        return not written and (reference is None or bool(_SAYS_NONE.fullmatch(reference)))

    return is_lost


def _warn(name: str, column: _Column) -> None:
    altered = column.restored + column.lost
    if not altered:
        return
    of_these = (
        f"{column.restored} of them could be restored from the texts in the same row and "
        f"{column.lost} could not, so their verdicts may be wrong"
        if column.lost
        else "they are restored from the texts in the same row"
    )
    warnings.warn(
        f"{altered} of {len(column.texts)} rows of {name} no longer contain the text of the CSV "
        f"file: pandas converted missing values, numbers, truth values and dates; {of_these}. "
        "Read the table with evaluate_utils.read_results(folder), or with "
        "pd.read_csv(path, dtype=str, keep_default_na=False).",
        AlteredAnswersWarning,
        stacklevel=5,
    )


def _becomes(text: str, cell: Any) -> bool:
    """Whether `pd.read_csv` turns the field `text` into `cell`."""
    stripped = text.strip()
    if _is_missing(cell):
        return text in READ_AS_MISSING
    if _is_truth_value(cell):
        return stripped.lower() == str(cell).lower()
    if isinstance(cell, datetime.date):
        return bool(pd.to_datetime(stripped, errors="coerce") == pd.Timestamp(cell))
    if _is_whole(cell):
        return _INTEGER.fullmatch(stripped) is not None and stripped.lstrip("+-0") == (
            str(abs(int(cell))).lstrip("0")
        )
    try:
        return math.isclose(float(stripped), float(cell), rel_tol=1e-14)
    except (TypeError, ValueError, OverflowError):
        return False


def _written(cell: Any) -> str | None:
    """A cell as text. pandas reads a column of integers with a gap as floats."""
    if _is_missing(cell):
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _unambiguous(cell: Any) -> str | None:
    """Like `_written`; None if it could have been any of several integers."""
    is_rounded = isinstance(cell, float) and not math.isnan(cell) and abs(cell) >= EXACT_FLOATS
    return None if is_rounded else _written(cell)


def _is_missing(cell: Any) -> bool:
    return cell is None or (pd.api.types.is_scalar(cell) and bool(pd.isna(cell)))


def _is_truth_value(cell: Any) -> bool:
    return bool(pd.api.types.is_bool(cell))


def _is_whole(cell: Any) -> bool:
    return bool(pd.api.types.is_integer(cell))


def _is_exact(cell: Any) -> bool:
    """Whether only leading zeros and a plus sign can be missing from the original text."""
    return _is_whole(cell) and not _is_truth_value(cell)
