"""Compare result folders: accuracy, tokens and wall clock of each, overall and by level.

Prints Markdown. Differences are to the first folder, on common problems, with 95 % intervals by a
paired bootstrap. Folders of the published logs work too: give the test set, since they hold no
answers, and a tokenizer. What a folder does not hold is shown as –.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

from ..atomic import write_text
from ..cli import make_parser, run_main
from ..errors import InputError
from .flags import add_reading_flags, read_folders
from .report import comparison
from .tables import By


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_reading_flags(parser)
    parser.add_argument(
        "--by", choices=get_args(By), default="level", help="groups of the second table"
    )
    parser.add_argument("--output", type=Path, help="also write the tables to this Markdown file")
    return parser.parse_args(argv)


def main() -> None:
    arguments = parse_arguments()
    report = comparison(read_folders(arguments), arguments.by)
    if arguments.output is not None:
        try:
            write_text(arguments.output, report)
        except OSError as error:
            raise InputError(
                f"Cannot write {arguments.output} ({error.strerror}): choose a path in a folder "
                "that exists and that you may write to."
            ) from error
    print(report, end="")


if __name__ == "__main__":
    run_main(main)
