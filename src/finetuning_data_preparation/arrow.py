"""Rows of the fine-tuning data in Arrow files: written and read a batch at a time.

Not through a memory map: pages of a map that were read count as memory of the process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import datasets
import pyarrow as pa

BATCH = 100
"""Rows in one record batch. A constant, so that the same rows give the same file."""

TEXTS = ("level", "subject", "question", "answer", "solution", "thought", "trajectory")
FEATURES = datasets.Features(
    {"id": datasets.Value("string"), "index": datasets.Value("int64")}
    | {name: datasets.Value("string") for name in TEXTS}
)

Row = Mapping[str, str | int]


class RowWriter:
    """Writes rows into an Arrow file; use as a context manager."""

    def __init__(self, path: Path) -> None:
        self.count = 0
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, FEATURES.arrow_schema)
        self._waiting: list[Row] = []

    def add(self, row: Row) -> None:
        self.count += 1
        self._waiting.append(row)
        if len(self._waiting) == BATCH:
            self._flush()

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None and self._waiting:
            self._flush()
        self._writer.close()
        self._file.close()

    def _flush(self) -> None:
        batch = pa.RecordBatch.from_pylist(self._waiting, schema=FEATURES.arrow_schema)
        self._writer.write_batch(batch)
        self._waiting = []


def read_rows(path: Path) -> Iterator[pa.RecordBatch]:
    """The record batches of a file that RowWriter wrote."""
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
        yield from reader
