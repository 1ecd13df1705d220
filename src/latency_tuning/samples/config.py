"""The configuration of `sprint resample`."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ...utils.config.values import Positive
from ...utils.data.config import RowsConfig
from ...utils.data.source import DataSource


class ResampleConfig(RowsConfig):
    """Repeat the problems of a dataset, so that inference samples several trajectories of each.

    Writes a .jsonl file with each problem several times in a row, with the ids PROBLEM_sample_1 and
    so on. Solve it with a temperature above 0 and without --seed: with one, the samples of a
    problem would be equal.
    """

    command: ClassVar[str] = "resample"

    data_hub_path: str
    """Dataset: a name on the hub, a folder, or a .jsonl, .json, .parquet, .csv or .tsv file."""
    samples: Positive = 4
    """Samples per problem."""
    output: Path
    """.jsonl file to write."""

    @property
    def source(self) -> DataSource:
        """The rows that the fields select."""
        return self.source_of(self.data_hub_path)
