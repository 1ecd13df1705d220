"""The fine-tuning data on disk: a `datasets` folder with train and test."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import datasets

from .curation import Curated

FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "index": datasets.Value("int64"),
        **{
            name: datasets.Value("string")
            for name in ("level", "subject", "question", "answer", "solution", "thought")
        },
        "trajectory": datasets.Value("string"),
    }
)


def choose_test(count: int, fraction: float, seed: int) -> set[int]:
    """Which of `count` rows are for testing: the fraction, rounded, and the same for a seed.

    At least one is left to train on, and one to test on where the fraction is above 0.
    """
    size = min(max(round(count * fraction), 1 if fraction > 0 else 0), count - 1)
    return set(random.Random(seed).sample(range(count), size)) if size > 0 else set()


def write_dataset(path: Path, rows: Sequence[Curated], test: set[int]) -> None:
    """Write train, and test where it has rows, to the folder `path`, which appears whole."""
    datasets.disable_progress_bars()
    parts = {
        "train": [row.row() for place, row in enumerate(rows) if place not in test],
        "test": [row.row() for place, row in enumerate(rows) if place in test],
    }
    written = datasets.DatasetDict(
        {
            name: datasets.Dataset.from_list(part, features=FEATURES)
            for name, part in parts.items()
            if part  # `datasets` cannot load a part without rows again
        }
    )
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as aside:
        written.save_to_disk(str(Path(aside) / path.name))
        if path.exists():
            path.rename(Path(aside) / "old")
        (Path(aside) / path.name).rename(path)
