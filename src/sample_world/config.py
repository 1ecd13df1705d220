"""The configuration of the sample dataset."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from ..utils.config import Config
from ..utils.config.values import Positive, Seed


class SampleWorldConfig(Config):
    """Write the sample dataset: train.jsonl with thoughts and test.jsonl with held-out problems."""

    command: ClassVar[str] = "sample"

    output: Path
    """Folder for the two files."""
    train: Positive = 500
    """Number of problems with thoughts."""
    test: Positive = 100
    """Held-out problems."""
    world: Literal["symbols", "words"] = "symbols"
    """Kind of problems: rows of digits and signs for the tiny model, or words for language
    models."""
    seed: Seed = 1
    """Random seed for the problems."""
