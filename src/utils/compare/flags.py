"""The flags that say which result folders are read, and with what; and reading them."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..answer_tables import load_references
from ..judging import add_judge_flags, judge_from, judge_table
from .methods import MethodResults
from .reading import Regrade, read_methods


def add_reading_flags(parser: argparse.ArgumentParser, without_tokenizer: str = "") -> None:
    """FOLDER…, --tokenizer, --test_hub_path and the judge's; whoever reads folders has them all.

    `without_tokenizer`: what else than a tokenizer can be named.
    """
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
    add_judge_flags(parser)


def read_folders(arguments: argparse.Namespace) -> list[MethodResults]:
    """The results in the folders that the flags name, judged where they name a judge."""
    references = load_references(arguments.test_hub_path)
    return read_methods(arguments.folders, arguments.tokenizer, references, regrade_from(arguments))


def regrade_from(arguments: argparse.Namespace) -> Regrade | None:
    """What the judge that the flags name makes of a graded table; None without one."""
    judge = judge_from(arguments)
    if judge is None:
        return None
    return lambda graded, folder: judge_table(graded, judge, folder)
