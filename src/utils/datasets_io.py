"""Loading of problems and thoughts, from the hub or from local files, by the columns they have."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError
from .grammar.plain import thought_itself
from .lazy_rows import LazyRows, Row
from .records import Problem, Thought
from .text_rows import load_text_rows

FILE_LOADERS = {".jsonl": "json", ".json": "json", ".parquet": "parquet", ".csv": "csv"}

LONE_SPLIT = "train"
"""What `datasets` calls the rows of data without splits."""

QUESTION_COLUMNS = ("problem", "question", "Question", "prompt")
ANSWER_COLUMNS = ("answer", "final_answer", "target", "TrueFinalAnswer")
ID_COLUMNS = ("unique_id", "id", "problem_id", "ProblemIdx")
SOLUTION_COLUMNS = ("solution", "Solution")
THOUGHT_COLUMNS = ("thought", "reasoning", "thoughts")
LEVEL_COLUMNS = ("level", "difficulty")
SUBJECT_COLUMNS = ("subject", "type", "category")


@dataclass(frozen=True)
class DataSource:
    """Which rows of which dataset; a column that is not named is found by its usual names."""

    hub_path: str
    subset: str = "default"
    split: str = "default"
    rows: str = ":"
    question_column: str = ""
    answer_column: str = ""
    id_column: str = ""
    solution_column: str = ""

    @property
    def named_columns(self) -> dict[str, str]:
        """The columns that were named, by what they hold."""
        named = {
            "question": self.question_column,
            "answer": self.answer_column,
            "id": self.id_column,
            "solution": self.solution_column,
        }
        return {what: column for what, column in named.items() if column}

    @property
    def folder_name(self) -> str:
        """`<dataset basename>_<subset basename>`, the folder that results go to."""
        path = Path(self.hub_path)
        name = path.stem if path.suffix in FILE_LOADERS else path.name
        return f"{safe_name(name)}_{safe_name(Path(self.subset).name or 'default')}"


def safe_name(text: str) -> str:
    """`text` as one part of a path: no separators, no leading dot, at most 120 characters."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).lstrip(".")[:120]
    return name or "unnamed"


def problem_id(value: str) -> str:
    """`test/algebra/1004.json` -> `test_algebra_1004`."""
    return safe_name(value.removesuffix(".json").strip("/"))


def parse_range(text: str, length: int) -> range:
    """`first:last` of `length` rows, as a slice reads it; InputError where that is no row."""
    match = re.fullmatch(r"\s*(-?\d*)\s*:\s*(-?\d*)\s*", text)
    if match is None or "-" in match.groups():
        raise InputError(f"The range should read FIRST:LAST, such as 0:100 or ':', not {text!r}.")
    first, last = (int(part) if part else None for part in match.groups())
    rows = range(length)[first:last]
    beyond = last is not None and last > length
    if not rows or beyond:
        raise InputError(
            f"The range {text!r} lies outside the data, which has {length} rows: "
            f"choose FIRST:LAST within 0:{length}."
        )
    return rows


def load_problems(source: DataSource) -> list[Problem]:
    """The problems of a dataset; ids are made unique, since they name files."""
    table = load_rows(source, preferred="test")
    columns = _Columns.find(table, source)
    return list(LazyRows(table, parse_range(source.rows, len(table)), columns.problem))


def load_thoughts(source: DataSource) -> LazyRows[Thought]:
    """The raw thoughts of a dataset, with their problems. A row is read when it is asked for.

    Thoughts are without `<think>`, `</think>` and the answer behind it.
    """
    table = load_rows(source, preferred="train")
    thought = find_column(table, "thought", THOUGHT_COLUMNS, source)
    columns = _Columns.find(table, source)
    return LazyRows(
        table,
        parse_range(source.rows, len(table)),
        lambda index, row: Thought(
            columns.problem(index, row), thought_itself(_text(row, thought))
        ),
        columns.ids,
    )


@dataclass(frozen=True)
class _Columns:
    """Where the parts of a problem stand in a row (None: nowhere), and the ids of all rows."""

    question: str
    answer: str
    solution: str | None
    level: str | None
    subject: str | None
    ids: Sequence[str]

    @classmethod
    def find(cls, table: Any, source: DataSource) -> _Columns:
        question = find_column(table, "question", QUESTION_COLUMNS, source)
        answer = find_column(table, "answer", ANSWER_COLUMNS, source)
        ids, solution, level, subject = (
            find_column(table, what, names, source)
            if what in source.named_columns
            else next((name for name in names if name in table.column_names), None)
            for what, names in (
                ("id", ID_COLUMNS),
                ("solution", SOLUTION_COLUMNS),
                ("level", LEVEL_COLUMNS),
                ("subject", SUBJECT_COLUMNS),
            )
        )
        keys = [str(key or "") for key in table[ids]] if ids else [""] * len(table)
        return cls(question, answer, solution, level, subject, unique_ids(keys))

    def problem(self, index: int, row: Row) -> Problem:
        return Problem(
            id=self.ids[index],
            index=index,
            question=_text(row, self.question).strip(),
            answer=_text(row, self.answer).strip(),
            solution=_text(row, self.solution),
            level=_text(row, self.level),
            subject=_text(row, self.subject),
        )


def unique_ids(keys: Sequence[str]) -> list[str]:
    """A file-safe id for each row, in order; a repeated or empty key gets the row's number."""
    used: dict[str, None] = {}
    for index, key in enumerate(keys):
        name = problem_id(key) if key else str(index)
        while name in used:
            name += f"_row{index}"
        used[name] = None
    return list(used)


def _text(row: Row, column: str | None) -> str:
    value = row[column] if column is not None else None
    return "" if value is None else str(value)


def find_column(rows: Any, what: str, names: Sequence[str], source: DataSource) -> str:
    """The first of `names` that is a column. InputError where none is text, or without rows."""
    if not len(rows):
        raise InputError(f"{source.hub_path} holds no rows: give a dataset that has some.")
    named = source.named_columns.get(what)
    if named is not None and named not in rows.column_names:
        raise InputError(
            f"{source.hub_path} has no column {named}: found {', '.join(rows.column_names)}. "
            f"Correct --{what}_column."
        )
    for name in (named,) if named is not None else names:
        if name in rows.column_names:
            if not _is_text(rows, name):
                raise InputError(
                    f"The column {name} of {source.hub_path} holds lists or objects: expected the "
                    f"{what} as one text a row. Make another dataset, with a row for each text."
                )
            return name
    raise InputError(
        f"{source.hub_path} has no {what} column: expected one of {', '.join(names)}, "
        f"found {', '.join(rows.column_names)}. Rename the column that holds the {what}."
    )


def _is_text(rows: Any, column: str) -> bool:
    """Whether a column holds single values. Files of text rows hold lists as their JSON."""
    from datasets import Value

    if not isinstance(rows.features[column], Value):
        return False
    first = rows[0][column]
    try:
        read = json.loads(first) if isinstance(first, str) and first[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        return True
    # A list of numbers may be an answer.
    return not isinstance(read, dict) and not (
        isinstance(read, list) and any(isinstance(part, str | list | dict) for part in read)
    )


def load_rows(source: DataSource, preferred: str = "train") -> Any:
    """The rows as a `datasets.Dataset`. The split `default` is the only one, or `preferred`."""
    import datasets

    datasets.disable_progress_bars()
    path = Path(source.hub_path)
    if path.suffix in FILE_LOADERS and not path.exists():  # no name on the hub ends like that
        raise InputError(f"There is no file {path}: correct the path of the dataset.")
    try:
        if path.is_file():
            loaded = _load_file(path, source)
        elif _is_saved(path):
            loaded = datasets.load_from_disk(str(path))
        else:
            _refuse_several(path)
            subset = None if source.subset in ("default", "") else source.subset
            loaded = datasets.load_dataset(source.hub_path, subset)
    except InputError:
        raise
    # RuntimeError: what needs a script to load, which is no longer run.
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"Cannot load the dataset {source.hub_path!r} (subset {source.subset!r}): give a name "
            f"on the hub, a folder, or a .jsonl/.parquet/.csv file. The loader says: {reason}"
        ) from error
    if isinstance(loaded, datasets.Dataset):
        if source.split not in ("default", LONE_SPLIT):
            raise InputError(
                f"{source.hub_path} has no splits, so there is no split {source.split!r}: leave "
                "the split away, or give the file or folder of that split."
            )
        return loaded
    return loaded[_choose_split(list(loaded), source, preferred)]


def _is_saved(folder: Path) -> bool:
    """Whether `datasets` has saved a dataset there."""
    return any((folder / name).is_file() for name in ("dataset_dict.json", "dataset_info.json"))


def _refuse_several(folder: Path) -> None:
    """Raise InputError for a folder of saved datasets, which would be read as one."""
    if folder.is_dir() and (names := sorted(it.name for it in folder.iterdir() if _is_saved(it))):
        raise InputError(
            f"{folder} is no dataset, but holds {', '.join(names[:5])}: give the folder "
            f"{folder / names[0]}, say."
        )


def _load_file(path: Path, source: DataSource) -> Any:
    import datasets

    if source.subset not in ("default", ""):
        raise InputError(
            f"{path} is a single file, which has no subset {source.subset!r}: leave the subset "
            "away, or give the file that holds it."
        )
    loader = FILE_LOADERS.get(path.suffix)
    if loader is None:
        raise InputError(
            f"{path} is neither .jsonl, .json, .parquet nor .csv: convert it to one of these."
        )
    if path.suffix in (".csv", ".jsonl"):
        return load_text_rows(path)
    return datasets.load_dataset(loader, data_files=str(path), split="train")


def _choose_split(splits: list[str], source: DataSource, preferred: str) -> str:
    if source.split in splits:
        return source.split
    if source.split == "default":
        if len(splits) == 1:
            return splits[0]
        if preferred in splits:
            return preferred
    raise InputError(
        f"{source.hub_path} has no split {source.split!r}: choose one of {', '.join(splits)}."
    )
