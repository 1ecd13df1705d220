"""Runs `sprint compare`."""

from __future__ import annotations

from ...utils.files.atomic import write_text
from .config import CompareConfig
from .judged_folders import read_folders
from .markdown import comparison


def run(config: CompareConfig) -> None:
    """Print the tables, and write them to a file if one is given."""
    report = comparison(read_folders(config, config.time_prices), config.by)
    if config.output is not None:
        write_text(config.output, report)
    print(report, end="")
