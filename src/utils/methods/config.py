"""The configuration fields that all methods share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Literal, Self, cast

from pydantic import model_validator

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


class MethodConfig(EvaluationConfig):
    """A command with several methods. Its field `method` chooses one."""

    @classmethod
    @abstractmethod
    def configs(cls) -> Mapping[str, type[MethodConfig]]:
        """The configuration of each method of the command."""

    @classmethod
    def variant(cls, given: Mapping[str, object]) -> type[Self]:
        return cast(type[Self], cls.configs().get(str(given.get("method")), cls))

    @model_validator(mode="after")
    def _require_own_class(self) -> Self:
        method: str = getattr(self, "method")  # noqa: B009 - a field of each command's own
        if not isinstance(self, kind := self.configs()[method]):
            raise ValueError(f"the method {method} has the configuration {kind.__name__}")
        return self
