"""Files of text rows (.jsonl, .csv) as memory-mapped datasets.

Read as text, since the loaders of `datasets` take "2024-01-01" for a date and "007" for a number;
and a batch at a time, into an Arrow file in the cache of `datasets`, since a file of thoughts can
be larger than the memory. The next stage finds the Arrow file there.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .errors import InputError
from .half_characters import valid_unicode

log = logging.getLogger(__name__)

BATCH = 200
"""Rows in one record batch."""

TextRow = Mapping[str, str | None]


def load_text_rows(path: Path) -> Any:
    """The rows of a .jsonl or .csv file as a memory-mapped `datasets.Dataset` of strings.

    Raises InputError or ValueError where the file cannot be read.
    """
    import datasets

    folder = Path(datasets.config.HF_DATASETS_CACHE) / "sprint_text_rows"
    folder.mkdir(parents=True, exist_ok=True)
    status = path.stat()
    name = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    cached = folder / f"{name}-{status.st_size}-{status.st_mtime_ns}.arrow"
    if not cached.is_file():
        _write_arrow(path, cached)
        for stale in folder.glob(f"{name}-*.arrow"):
            if stale != cached:
                stale.unlink(missing_ok=True)
    return datasets.Dataset.from_file(str(cached))


def _write_arrow(path: Path, target: Path) -> None:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f"{target.name}.", suffix=".part")
    os.close(handle)
    aside = Path(name)
    read = _csv_rows if path.suffix == ".csv" else _jsonl_rows
    columns = list(next(read(path), {}))
    try:
        # A row may have a column that the first lacks: then once more, with all of them.
        while more := _write_rows(read(path), columns, aside):
            columns += more
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _write_rows(rows: Iterator[TextRow], columns: Sequence[str], target: Path) -> list[str]:
    """Write the columns of the rows; the names of the columns that were not among them."""
    import pyarrow as pa

    from .arrow_writer import ArrowWriter

    schema = pa.schema([(column, pa.string()) for column in columns])
    others: dict[str, None] = {}
    with ArrowWriter(target, schema, BATCH) as writer:
        for row in rows:
            others |= {key: None for key in row if key not in columns}
            writer.add(row)
    return list(others)


def _jsonl_rows(path: Path) -> Iterator[TextRow]:
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InputError(f"Line {number} of {path} is no JSON ({error}).") from error
            if not isinstance(row, dict):
                raise InputError(
                    f"Each line of {path} should be a JSON object, but one is {str(row)[:60]}."
                )
            texts = {
                key: value if value is None or isinstance(value, str) else json.dumps(value)
                for key, value in row.items()
            }
            whole = {key: valid_unicode(value) if value else value for key, value in texts.items()}
            if whole != texts:
                log.warning("Line %d of %s holds half a character: U+FFFD is read.", number, path)
            yield whole


def _csv_rows(path: Path) -> Iterator[TextRow]:
    import pandas as pd

    with pd.read_csv(path, dtype=str, keep_default_na=False, chunksize=BATCH) as chunks:
        for chunk in chunks:
            refuse_shifted(chunk, path)
            yield from chunk.to_dict("records")


def refuse_shifted(table: Any, path: Path) -> None:
    """InputError where pandas has made an index of the first column of a .csv file.

    It does where the first row has more fields than the header, and so shifts all columns.
    """
    import pandas as pd

    if not isinstance(table.index, pd.RangeIndex):
        raise InputError(
            f"{path} has rows with more fields than its header has names: name all columns, and "
            "put fields that hold a comma in double quotes."
        )
