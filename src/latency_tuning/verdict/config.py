"""The configuration of `sprint accept`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from ...utils.config import Config, Positional
from ...utils.config.values import SmallShare


class AcceptConfig(Config):
    """Accept a round of self-training if its model is faster and not less accurate.

    Compares two result folders of the same problems. Prints a table by level and the problems that
    only the model before solved, and writes the verdict with its reason to a JSON file.
    """

    command: ClassVar[str] = "accept"

    before: Annotated[Path, Positional("BEFORE")]
    """Result folder of the model before the round."""
    after: Annotated[Path, Positional("AFTER")]
    """Result folder of the model after it."""
    prices: str
    """Price list in seconds: a file from 'sprint prices', or the name of an assumed one."""
    tokenizer: str
    """Name or path of the tokenizer, for problems that the ledger does not have."""
    max_loss: SmallShare = 0.0
    """Accuracy that the round may lose, as a fraction: 0.01 is one point."""
    output: Path = Path("verdict.json")
    """JSON file to write."""
