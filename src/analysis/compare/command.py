"""What `sprint compare` does."""

from __future__ import annotations

from ...utils.errors import InputError
from ...utils.files.atomic import write_text
from .config import CompareConfig
from .judged_folders import read_folders
from .markdown import comparison


def run(config: CompareConfig) -> None:
    """Print the tables, and write them to a file if one is given."""
    report = comparison(read_folders(config), config.by)
    if config.output is not None:
        try:
            write_text(config.output, report)
        except OSError as error:
            raise InputError(
                f"Cannot write {config.output} ({error.strerror}): choose a path in a folder "
                "that exists and that you may write to."
            ) from error
    print(report, end="")
