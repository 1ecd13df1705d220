"""Writes rows to an Arrow file, in the stream format that `datasets` memory-maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from ..files.atomic import saving

MOST_TEXT = 1 << 25
"""Characters after which a batch is written, even with few rows."""


class ArrowWriter:
    """Writes a record batch of `batch` rows at a time; use as a context manager.

    Raises SaveError if the file cannot be written.
    """

    def __init__(self, path: Path, schema: pa.Schema, batch: int) -> None:
        self.count = 0
        """Rows so far."""
        self._schema, self._batch = schema, batch
        self._path = path
        with saving(path):
            self._file = pa.OSFile(str(path), "wb")
            self._writer = pa.ipc.new_stream(self._file, schema)
        self._waiting = list[Mapping[str, Any]]()
        self._text = 0

    def add(self, row: Mapping[str, Any]) -> None:
        self.count += 1
        self._waiting.append(row)
        self._text += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(self._waiting) == self._batch or self._text >= MOST_TEXT:
            self._flush()

    def __enter__(self) -> ArrowWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with saving(self._path):
            try:
                if kind is None and self._waiting:
                    self._flush()
                self._writer.close()
            finally:
                self._file.close()

    def _flush(self) -> None:
        batch = pa.RecordBatch.from_pylist(self._waiting, schema=self._schema)
        with saving(self._path):
            self._writer.write_batch(batch)
        self._waiting, self._text = [], 0
