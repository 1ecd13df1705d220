"""Rows of the fine-tuning data in Arrow files, written and read one batch at a time.

Not memory-mapped: pages of a map that were read count as memory of the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import datasets
import pyarrow as pa

from ..utils.data.arrow_writer import ArrowWriter

BATCH = 100
"""Rows in one record batch. A constant, so that the same rows give the same file."""

TEXTS = ("level", "subject", "question", "answer", "solution", "thought", "trajectory")
FEATURES = datasets.Features(
    {"id": datasets.Value("string"), "index": datasets.Value("int64")}
    | {name: datasets.Value("string") for name in TEXTS}
)

Row = Mapping[str, str | int]


def row_writer(path: Path) -> ArrowWriter:
    return ArrowWriter(path, FEATURES.arrow_schema, BATCH)


def read_rows(path: Path) -> Iterator[pa.RecordBatch]:
    """The record batches of a file that `row_writer` wrote."""
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
        yield from reader
