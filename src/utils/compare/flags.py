"""The flags that say which result folders are read, and with what."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_reading_flags(parser: argparse.ArgumentParser) -> None:
    """FOLDER…, --tokenizer and --test_hub_path."""
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="result folder")
    parser.add_argument(
        "--tokenizer",
        help="name or path of the tokenizer to count with; by default the one in each run.json",
    )
    parser.add_argument(
        "--test_hub_path",
        action="append",
        default=[],
        metavar="DATASET",
        help="test set with answers (name on the hub, folder or file), for folders without a CSV; "
        "may be given several times",
    )
