"""Runs `sprint report`."""

from __future__ import annotations

from ..run_report import report
from .config import ReportConfig


def run(config: ReportConfig) -> None:
    """Print the report."""
    print(report(config.folder, config.tokenizer), end="")
