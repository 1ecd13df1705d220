"""Look at trajectories: writes one HTML file that any browser opens, without a network.

A list of the problems with filters (wrong, no verdict, marked; longest, most phases, widest,
slowest first), and of each problem its texts with the mathematics set, and the planner and
executors on a time axis with the critical path marked. Give a serial folder after SPRINT's to see
both side by side. Folders of the published logs work too: give the test set, since they hold no
answers, and a tokenizer, or the axis counts characters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..answer_tables import load_references
from ..atomic import write_chunks
from ..cli import make_parser, run_main
from ..compare.flags import add_reading_flags, regrade_from
from ..errors import InputError
from .collecting import Collection
from .page import page_parts


def parse_arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_reading_flags(parser, "; the word 'characters' counts those")
    parser.add_argument(
        "--output", type=Path, default=Path("viewer.html"), help="the HTML file to write"
    )
    return parser.parse_args(argv)


def main() -> None:
    arguments = parse_arguments()
    references = load_references(arguments.test_hub_path)
    collection = Collection(
        arguments.folders, arguments.tokenizer, references, regrade_from(arguments)
    )
    parts = page_parts(collection.page, collection.problems())
    try:
        write_chunks(arguments.output, (part.encode() for part in parts))
    except OSError as error:
        raise InputError(
            f"Cannot write {arguments.output} ({error.strerror}): choose a path in a folder that "
            "exists and that you may write to."
        ) from error
    if collection.why_characters:
        print(f"{collection.why_characters}: lengths are in characters (--tokenizer).")
    number = len(collection.page.rows)
    print(f"{number} problem{'s' * (number != 1)}: {arguments.output}")


if __name__ == "__main__":
    run_main(main)
