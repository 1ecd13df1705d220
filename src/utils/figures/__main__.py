"""Draw figures from result folders: accuracy against tokens, tokens saved, and phases.

Writes accuracy_tokens, token_reduction and phases (with the dataset in front, where the folders
are of several), and says which folder a figure leaves out, and why. The first folder is the
baseline of what is saved. Folders of the published logs
work too: give the test set, since they hold no answers, and a tokenizer.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from ..atomic import writable_folder, write_bytes
from ..cli import make_parser, run_main
from ..compare.flags import add_reading_flags, read_folders
from .drawing import FORMATS, draw_figures, to_bytes


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    add_reading_flags(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder for the figures")
    parser.add_argument("--format", choices=FORMATS, default="png", help="kind of file")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    methods = read_folders(arguments)
    folder = writable_folder(arguments.output)
    for name, figure in draw_figures(methods).items():
        path = folder / f"{name}.{arguments.format}"
        write_bytes(path, to_bytes(figure, arguments.format))
        print(path)


if __name__ == "__main__":
    run_main(main)
