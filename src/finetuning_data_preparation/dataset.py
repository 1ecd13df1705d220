"""The fine-tuning data on disk: a `datasets` folder with train and test."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

import datasets
import pyarrow as pa

from ..utils.data.arrow_writer import ArrowWriter
from .structures import StructureChoice

BATCH = 100
"""Rows in one record batch. A constant, so that the same rows give the same file."""

TEXTS = ("level", "subject", "question", "answer", "solution", "thought", "trajectory")
FEATURES = datasets.Features(
    {"id": datasets.Value("string"), "index": datasets.Value("int64")}
    | {name: datasets.Value("string") for name in TEXTS}
)

OF_STRUCTURE = datasets.Features({**FEATURES, "structure": datasets.Value("string")})
"""Of rows that are not all as curated."""

KeptRow = Mapping[str, str | int]


def features_of(structure: StructureChoice) -> datasets.Features:
    """The columns of a dataset with this choice of structures."""
    return FEATURES if structure == "curated" else OF_STRUCTURE


def row_writer(path: Path, features: datasets.Features) -> ArrowWriter:
    """Writes these columns of rows, and leaves out the others."""
    return ArrowWriter(path, features.arrow_schema, BATCH)


def read_rows(path: Path) -> Iterator[pa.RecordBatch]:
    """The record batches of a file that `row_writer` wrote."""
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as reader:
        yield from reader


DATA_FILE = "data-00000-of-00001.arrow"
"""The name that `datasets` gives a part saved as a single file."""


def choose_test(count: int, fraction: float, seed: int) -> set[int]:
    """Which of `count` problems are for testing: the fraction, rounded, and fixed by the seed.

    At least one is left to train on, and at least one to test on if the fraction is above 0.
    """
    size = min(max(round(count * fraction), 1 if fraction > 0 else 0), count - 1)
    return set(random.Random(seed).sample(range(count), size)) if size > 0 else set()


def placed(rows: Iterable[KeptRow]) -> Iterator[tuple[int, KeptRow]]:
    """The rows with the place of their problem, from 0; rows of one problem follow each other."""
    for place, (_, of_problem) in enumerate(groupby(rows, key=lambda row: row["index"])):
        for row in of_problem:
            yield place, row


def write_dataset(
    folder: Path,
    rows: Iterable[KeptRow],
    test: set[int],
    features: datasets.Features = FEATURES,
    times: Iterator[int] | None = None,
) -> None:
    """Write train, and test if it has rows, into the empty `folder`, one row at a time.

    `test` are places of problems; `times` says how often to write each row of train.
    """
    files = {"train": folder / "train.arrow", "test": folder / "test.arrow"}
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(row_writer(path, features)) for name, path in files.items()
        }
        for place, row in placed(rows):
            if place in test:
                writers["test"].add(row)
                continue
            for _ in range(1 if times is None else next(times)):
                writers["train"].add(row)
    names = [name for name, writer in writers.items() if writer.count]
    _write_frame(folder, {name: files[name] for name in names}, features)
    for name, path in files.items():
        if name in names:
            path.replace(folder / name / DATA_FILE)
        else:
            path.unlink()  # `datasets` cannot load a part without rows


def _write_frame(folder: Path, files: dict[str, Path], features: datasets.Features) -> None:
    """The metadata that `datasets` writes, for parts of one row that the files replace.

    Its own `save_to_disk` would need the complete table in memory, or in a memory map.
    """
    datasets.disable_progress_bars()
    row = {name: 0 if feature.dtype == "int64" else "" for name, feature in features.items()}
    frame = datasets.Dataset.from_list([row], features=features)
    datasets.DatasetDict(
        {
            # The fingerprint identifies these rows in the caches of `datasets`.
            name: frame.select([0], new_fingerprint=_digest(path))
            for name, path in files.items()
        }
    ).save_to_disk(str(folder))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
