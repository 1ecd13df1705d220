"""The configuration of the figures."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from ..compare.config import ReadingConfig

Format = Literal["png", "pdf", "svg"]


class FiguresConfig(ReadingConfig):
    """Draw figures from result folders: accuracy against tokens, tokens saved, and phases.

    Writes accuracy_tokens, token_reduction and phases (with the dataset in front, where the folders
    are of several), and says which folder a figure leaves out, and why. The first folder is the
    baseline of what is saved. Folders of the published logs work too: give the test set, since they
    hold no answers, and a tokenizer.
    """

    command: ClassVar[str] = "figures"

    output: Path
    """Folder of the figures."""
    format: Format = "png"
    """Kind of file."""
