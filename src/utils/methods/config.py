"""The fields of every method that is run on a test set."""

from __future__ import annotations

from typing import Literal

from ..config.shared import LogsConfig
from ..config.values import AboveZero, Positive, Seed
from ..data.config import RowsConfig

BenchmarkName = Literal[
    "math500",
    "gsm8k",
    "gpqa_diamond",
    "aime2024",
    "aime2025",
    "countdown",
    "countdown-generated",
    "sample_world",
]


class ProblemsConfig(RowsConfig):
    """The test set.

    A column is found by its usual names unless it is named: by its own name, or by a place within
    it, such as messages.1.content.
    """

    test_hub_path: str = ""
    """Dataset: a name on the hub, a folder, or a .jsonl, .json, .parquet, .csv or .tsv file."""
    benchmark: BenchmarkName | None = None
    """A benchmark by its name, in place of --test_hub_path, or beside it for a copy."""
    benchmark_seed: Seed = 0
    """Draws the order of GPQA's options, and the problems that are made here."""


class EvaluationConfig(ProblemsConfig, LogsConfig):
    """The run.

    Its results do not depend on these fields.
    """

    tokenizer: str | None = None
    """Name or path of the tokenizer that counts tokens; by default that of the model."""
    num_workers: Positive = 1
    """Problems in flight."""
    client_processes: Positive = 1
    """Processes of the client; one keeps some hundreds of streams fed."""
    timeout: AboveZero = 600.0
    """Seconds without text after which a call has failed."""
