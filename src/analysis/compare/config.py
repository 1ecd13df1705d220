"""The configuration of the comparison of result folders."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from ..config import PricedConfig, ReadingConfig

By = Literal["level", "subject", "none"]
BY: By = "level"
"""The usual grouping, also in a notebook."""


class CompareConfig(ReadingConfig, PricedConfig):
    """Compare result folders: accuracy, tokens and wall clock of each, overall and by level.

    Prints Markdown. Differences are to the first folder, on common problems, with 95 % intervals
    from a paired bootstrap. Folders of the published logs hold no answers: give the test set and a
    tokenizer. – means that the folder does not hold the value.
    """

    command: ClassVar[str] = "compare"

    by: By = BY
    """How to group the second table."""
    output: Path | None = None
    """Also write the tables to this Markdown file."""
