"""Runs `sprint report`."""

from __future__ import annotations

from .config import ReportConfig
from .run_report import report


def run(config: ReportConfig) -> None:
    """Print the report."""
    print(report(config.folder, config.tokenizer, config.time_prices), end="")
