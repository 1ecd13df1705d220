"""Loading of problems and thoughts, from the hub or from local files, by the columns they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import InputError
from .records import Problem, Thought

FILE_LOADERS = {".jsonl": "json", ".json": "json", ".parquet": "parquet", ".csv": "csv"}

QUESTION_COLUMNS = ("problem", "question", "Question", "prompt")
ANSWER_COLUMNS = ("answer", "final_answer", "target", "TrueFinalAnswer")
ID_COLUMNS = ("unique_id", "id", "problem_id", "ProblemIdx")
SOLUTION_COLUMNS = ("solution", "Solution")
THOUGHT_COLUMNS = ("thought", "reasoning", "thoughts")
LEVEL_COLUMNS = ("level", "difficulty")
SUBJECT_COLUMNS = ("subject", "type", "category")

Row = Mapping[str, Any]


@dataclass(frozen=True)
class DataSource:
    """Which rows of which dataset."""

    hub_path: str
    subset: str = "default"
    split: str = "default"
    rows: str = ":"

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
    rows = load_rows(source, preferred="test")
    return [problem for _, problem in _problems(rows, source)]


def load_thoughts(source: DataSource) -> list[Thought]:
    """The raw thoughts of a dataset, with their problems."""
    rows = load_rows(source, preferred="train")
    column = find_column(rows, "thought", THOUGHT_COLUMNS, source)
    return [Thought(problem, _text(row, column)) for row, problem in _problems(rows, source)]


def _problems(rows: Any, source: DataSource) -> Iterator[tuple[Row, Problem]]:
    question = find_column(rows, "question", QUESTION_COLUMNS, source)
    answer = find_column(rows, "answer", ANSWER_COLUMNS, source)
    optional = [
        next((name for name in names if name in rows.column_names), None)
        for names in (ID_COLUMNS, SOLUTION_COLUMNS, LEVEL_COLUMNS, SUBJECT_COLUMNS)
    ]
    id_column, *others = optional
    names = unique_ids(
        [str(key or "") for key in rows[id_column]] if id_column else [""] * len(rows)
    )
    for index in parse_range(source.rows, len(rows)):
        row: Row = rows[index]
        solution, level, subject = (_text(row, column) for column in others)
        yield (
            row,
            Problem(
                id=names[index],
                index=index,
                question=_text(row, question).strip(),
                answer=_text(row, answer).strip(),
                solution=solution,
                level=level,
                subject=subject,
            ),
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
    for name in names:
        if name in rows.column_names:
            return name
    raise InputError(
        f"{source.hub_path} has no {what} column: expected one of {', '.join(names)}, "
        f"found {', '.join(rows.column_names)}. Rename the column that holds the {what}."
    )


def load_rows(source: DataSource, preferred: str = "train") -> Any:
    """The rows as a `datasets.Dataset`. The split `default` is the only one, or `preferred`."""
    import datasets

    datasets.disable_progress_bars()
    path = Path(source.hub_path)
    try:
        if path.is_file():
            loaded = _load_file(path)
        elif (path / "dataset_dict.json").is_file() or (path / "dataset_info.json").is_file():
            loaded = datasets.load_from_disk(str(path))
        else:
            subset = None if source.subset in ("default", "") else source.subset
            loaded = datasets.load_dataset(source.hub_path, subset)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"Cannot load the dataset {source.hub_path!r} (subset {source.subset!r}): give a name "
            f"on the hub, a folder, or a .jsonl/.parquet/.csv file. The loader says: {reason}"
        ) from error
    if isinstance(loaded, datasets.Dataset):
        return loaded
    return loaded[_choose_split(list(loaded), source, preferred)]


def _load_file(path: Path) -> Any:
    import datasets

    loader = FILE_LOADERS.get(path.suffix)
    if loader is None:
        raise InputError(
            f"{path} is neither .jsonl, .json, .parquet nor .csv: convert it to one of these."
        )
    # Read as text: the loaders of datasets take "2024-01-01" for a date and "007" for a number.
    if path.suffix == ".csv":
        import pandas as pd

        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        return datasets.Dataset.from_pandas(table, preserve_index=False)
    if path.suffix == ".jsonl":
        lines = path.read_text(encoding="utf-8").split("\n")
        rows = [_as_text(json.loads(line), path) for line in lines if line.strip()]
        return datasets.Dataset.from_list(rows)
    return datasets.load_dataset(loader, data_files=str(path), split="train")


def _as_text(row: Any, path: Path) -> dict[str, str | None]:
    if not isinstance(row, dict):
        raise InputError(
            f"Each line of {path} should be a JSON object, but one is {str(row)[:60]}."
        )
    return {
        key: value if value is None or isinstance(value, str) else json.dumps(value)
        for key, value in row.items()
    }


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
