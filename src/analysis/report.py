"""The command `sprint report`: statistics of a SPRINT run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from ..utils.config import Config, Positional, from_command_line
from ..utils.config.cli import run_main


class ReportConfig(Config):
    """Report a SPRINT run: tokens, calls, and where the wall clock of its problems went."""

    command: ClassVar[str] = "report"

    folder: Annotated[Path, Positional("FOLDER")]
    """Folder with SPRINT results."""
    tokenizer: str | None = None
    """Name or path of the tokenizer. Default: the tokenizer in run.json."""


def main() -> None:
    config = from_command_line(ReportConfig)
    # Imported here, so that --help is fast.
    from .run_report import report

    print(report(config.folder, config.tokenizer), end="")


if __name__ == "__main__":
    run_main(main)
