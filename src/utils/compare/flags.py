"""The flags that say which result folders are read, and with what; and reading them."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..answer_tables import load_references
from .methods import MethodResults
from .reading import Regrade, read_methods


def add_reading_flags(parser: argparse.ArgumentParser, without_tokenizer: str = "") -> None:
    """FOLDER…, --tokenizer and --test_hub_path. `without_tokenizer`: what else it can name."""
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="result folder")
    parser.add_argument(
        "--tokenizer",
        help="name or path of the tokenizer to count with; by default the one in each run.json"
        + without_tokenizer,
    )
    parser.add_argument(
        "--test_hub_path",
        action="append",
        default=[],
        metavar="DATASET",
        help="test set with answers (name on the hub, folder or file), for folders without a CSV; "
        "may be given several times",
    )


def read_folders(
    arguments: argparse.Namespace, regrade: Regrade | None = None
) -> list[MethodResults]:
    """The results in the folders that the flags name."""
    references = load_references(arguments.test_hub_path)
    return read_methods(arguments.folders, arguments.tokenizer, references, regrade)
