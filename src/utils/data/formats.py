"""The rows of one local file: .jsonl, .json, .csv, .tsv, .parquet, .arrow, compressed or not."""

from __future__ import annotations

import bz2
import codecs
import csv
import gzip
import io
import lzma
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from ..errors import InputError, reason_of
from .cells import Row, Value, array_values
from .json_rows import json_rows, jsonl_rows

BATCH = 200
"""Rows of a columnar file to read at once."""

COMPRESSIONS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}

ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def without_compression(name: str) -> str:
    """`data.jsonl.gz` -> `data.jsonl`."""
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in COMPRESSIONS else name


def format_of(name: str) -> str | None:
    """The suffix of a file that can be read, such as `.jsonl`; None for others."""
    plain_name = without_compression(name)
    suffix = PurePosixPath(plain_name).suffix.lower()
    if suffix not in READERS or (plain_name != name and suffix in BINARY):
        return None
    return suffix


def file_rows(path: Path) -> Iterator[Row]:
    """The rows of a file, one after another. InputError if it cannot be read."""
    suffix = format_of(path.name)
    if suffix is None:
        raise InputError(f"{path} is none of {', '.join(READERS)}: convert it to one of these.")
    try:
        _refuse_pointer(path)
        yield from READERS[suffix](path)
    except UnicodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text ({error.reason if hasattr(error, 'reason') else error}): "
            "save it as UTF-8."
        ) from error
    except (OSError, EOFError, ValueError, csv.Error, zlib.error, lzma.LZMAError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path} cannot be read as {suffix}: {reason_of(error)}.") from error


def _refuse_pointer(path: Path) -> None:
    """Raise InputError for a pointer that a clone without Git LFS has instead of a file."""
    with path.open("rb") as file:
        if file.read(40).startswith(b"version https://git-lfs"):
            raise InputError(
                f"{path} is a Git LFS pointer, not the data: run 'git lfs pull' there."
            )


def _open_text(path: Path) -> IO[str]:
    """The text of a file, decoded by its byte order mark; UTF-8 without one.

    Line ends are kept: a cell may contain some.
    """
    opener = COMPRESSIONS.get(path.suffix.lower(), open)
    with opener(path, "rb") as file:
        start = file.read(4)
    encoding = next((name for mark, name in ENCODINGS if start.startswith(mark)), "utf-8")
    return io.TextIOWrapper(opener(path, "rb"), encoding=encoding, newline="")


def _jsonl(path: Path) -> Iterator[Row]:
    with _open_text(path) as file:
        yield from jsonl_rows(file, path)


def _json(path: Path) -> Iterator[Row]:
    with _open_text(path) as file:
        yield from json_rows(file, path)


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with _open_text(path) as file:
        first = next((line for line in file if line.strip()), "")
        file.seek(0)
        rows = csv.reader(file, delimiter=_delimiter(first, path), strict=True)
        lines = filter(None, _lines(rows, path))
        header = next(lines, [])
        require_unique(header, path)
        for fields in lines:
            if len(fields) > len(header):
                raise InputError(
                    f"Line {rows.line_num} of {path} has more fields than its header has names: "
                    "name all columns, and put fields that contain a comma in double quotes."
                )
            values: list[Value] = [*fields, *[None] * (len(header) - len(fields))]
            yield {name: value for name, value in zip(header, values, strict=True) if name}


def _lines(rows: Any, path: Path) -> Iterator[list[str]]:
    try:
        yield from rows
    except csv.Error as error:
        raise InputError(
            f"Line {rows.line_num} of {path} is not valid CSV ({error}): put a field with a double "
            "quote in double quotes, and write that quote twice."
        ) from error


def _delimiter(header: str, path: Path) -> str:
    if ".tsv" in path.suffixes[-2:]:
        return "\t"
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(",\t;|", key=unquoted.count)


def require_unique(names: list[str], path: Path) -> None:
    """InputError if two columns of a file have the same name."""
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise InputError(
            f"{path} has more than one column {twice[0]!r}: give each column its own name."
        )


def _parquet(path: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            require_unique(schema.names, path)
            yield from _batch_rows(file.iter_batches(batch_size=BATCH), schema)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _arrow(path: Path) -> Iterator[Row]:
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as file:
            try:
                reader = pa.ipc.open_stream(file)
                batches = iter(reader)
            except pa.ArrowInvalid:
                reader = pa.ipc.open_file(file)
                batches = (reader.get_batch(n) for n in range(reader.num_record_batches))
            require_unique(reader.schema.names, path)
            yield from _batch_rows(batches, reader.schema)
    except pa.ArrowException as error:
        raise ValueError(str(error)) from error


def _batch_rows(batches: Iterator[Any], schema: Any) -> Iterator[Row]:
    features = _features(schema)
    names = [name for name in schema.names if not name.startswith("__index_level_")]
    for whole in batches:
        for start in range(0, len(whole), BATCH):
            batch = whole.slice(start, BATCH)
            columns = {name: array_values(batch.column(name), features.get(name)) for name in names}
            for place in range(len(batch)):
                yield {name: values[place] for name, values in columns.items()}


def _features(schema: Any) -> Any:
    """The metadata of `datasets` on the columns in the schema: the names of classes."""
    import datasets

    if b"huggingface" not in (schema.metadata or {}):
        return {}
    try:
        return datasets.Features.from_arrow_schema(schema)
    # Metadata of another version, or none of `datasets` at all.
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError, ImportError):
        return {}


READERS: dict[str, Callable[[Path], Iterator[Row]]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".tsv": _csv,
    ".parquet": _parquet,
    ".arrow": _arrow,
    ".feather": _arrow,
}
BINARY = (".parquet", ".arrow", ".feather")
"""Formats with their own compression."""
