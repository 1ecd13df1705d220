"""The configuration of the report of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from ...utils.config import Positional
from ..config import PricedConfig


class ReportConfig(PricedConfig):
    """Report a SPRINT run: tokens, calls, and where the wall clock of its problems went."""

    command: ClassVar[str] = "report"

    folder: Annotated[Path, Positional("FOLDER")]
    """Folder with SPRINT results."""
    tokenizer: str | None = None
    """Name or path of the tokenizer. Default: the tokenizer in run.json."""
