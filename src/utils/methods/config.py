"""The configuration fields that all methods share."""

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

    A column is found by its usual names unless you name it: give its own name, or a path into it
    such as messages.1.content.
    """

    test_hub_path: str = ""
    """Dataset: a name on the hub, a folder, or a .jsonl, .json, .parquet, .csv or .tsv file."""
    benchmark: BenchmarkName | None = None
    """A benchmark by name, instead of --test_hub_path, or with it to use a copy."""
    benchmark_seed: Seed = 0
    """Random seed for the order of GPQA's options and for generated problems."""


class EvaluationConfig(ProblemsConfig, LogsConfig):
    """The run.

    These fields do not affect results.
    """

    tokenizer: str | None = None
    """Name or path of the tokenizer that counts tokens. Default: the model's tokenizer."""
    num_workers: Positive = 1
    """Problems in flight."""
    client_processes: Positive = 1
    """Client processes. One process can handle several hundred streams."""
    timeout: AboveZero = 600.0
    """Seconds without new text before a call fails."""
