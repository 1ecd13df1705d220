"""The configuration fields that all methods share."""

from __future__ import annotations

from typing import Literal

from ..config import Config
from ..config.shared import LogsConfig
from ..config.values import AboveZero, Positive, Seed, Temperature, TopP
from ..data.config import RowsConfig
from ..defaults import ATTEMPTS, SILENCE

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


class SamplingConfig(Config):
    """Sampling.

    The defaults are the paper's (arXiv 2506.05745).
    """

    temperature: Temperature = 0.6
    """Sampling temperature; 0 is greedy."""
    top_p: TopP = 0.95
    """Top-p (nucleus) sampling threshold."""
    max_attempts: Positive = ATTEMPTS
    """Unusable replies before a reply counts as missing. Failed calls are counted separately."""
    seed: Seed | None = None
    """Seed for the server's sampling; each call derives its own. Default: no seed is sent."""


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
    timeout: AboveZero = SILENCE
    """Seconds without new text before a call fails."""
