"""The configuration of the viewer."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from ..compare.config import ReadingConfig


class ViewerConfig(ReadingConfig):
    """Look at trajectories: writes one HTML file that any browser opens, without a network.

    A list of the problems with filters (wrong, no verdict, marked; longest, most phases, widest,
    slowest first), and of each problem its texts with the mathematics set, and the planner and
    executors on a time axis with the critical path marked. Give a serial folder after SPRINT's to
    see both side by side. Folders of the published logs work too: give the test set, since they
    hold no answers, and a tokenizer, or the axis counts characters.
    """

    command: ClassVar[str] = "view"

    tokenizer: str | None = None
    """Name or path of the tokenizer to count with; by default the one in each run.json; the word
    characters counts those."""
    output: Path = Path("viewer.html")
    """The HTML file to write."""
