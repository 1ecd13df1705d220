"""The configuration of the viewer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ..config import PricedConfig, ReadingConfig


class ViewerConfig(ReadingConfig, PricedConfig):
    """View trajectories: write one HTML file that opens in any browser, without a network.

    It lists the problems with filters (wrong, no verdict, marked) and orders (longest, most phases,
    widest, slowest). Each problem shows its texts with rendered mathematics, and its planner and
    executors on a time axis with the critical path highlighted. Give a serial folder after the
    SPRINT folder to see both side by side. Folders of the published logs hold no answers: give the
    test set, and a tokenizer, or the axis counts characters.
    """

    command: ClassVar[str] = "view"

    tokenizer: str | None = None
    """Name or path of the tokenizer, or "characters" to count characters. Default: the tokenizer in
    each run.json."""
    output: Path = Path("viewer.html")
    """HTML file to write."""
