"""Samples in Arrow files, which are written a batch at a time and read through a memory map.

So memory does not grow with their number, and the processes of a training share one copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa

_IDS = pa.list_(pa.int32())
CHAINS = pa.schema({"input_ids": _IDS, "labels": _IDS, "length": pa.int32()})
TRIES = pa.schema(
    {
        "input_ids": _IDS,
        "position_ids": _IDS,
        "ends": _IDS,
        "next_labels": _IDS,
        "length": pa.int32(),
    }
)
"""Rows of one sample, and rows of all samples of a trajectory: see `collate.RightPadding`."""


class SampleWriter:
    """Writes rows into a file, in the stream format that `datasets` maps."""

    AT_ONCE = 500

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        path.unlink(missing_ok=True)  # it may be mapped, and must not change then
        self._schema = schema
        self._file = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._file, schema)
        self._rows = list[Mapping[str, Any]]()

    def add(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) >= self.AT_ONCE:
            self._settle()

    def __enter__(self) -> SampleWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._settle()
        self._writer.close()
        self._file.close()

    def _settle(self) -> None:
        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []
