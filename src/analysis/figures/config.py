"""The configuration of the figures."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from ..config import ReadingConfig

Format = Literal["png", "pdf", "svg"]


class FiguresConfig(ReadingConfig):
    """Draw figures from result folders: accuracy against tokens, tokens saved, and phases.

    Writes accuracy_tokens, token_reduction and phases (prefixed with the dataset if the folders
    have several), and warns about each folder that a figure leaves out. The first folder is the
    baseline for tokens saved. Folders of the published logs hold no answers: give the test set and
    a tokenizer.
    """

    command: ClassVar[str] = "figures"

    output: Path
    """Folder for the figures."""
    format: Format = "png"
    """File format."""
