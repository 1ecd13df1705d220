"""Writes the sample dataset: train.jsonl with thoughts, test.jsonl with problems to hold out."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from ..utils.atomic import writable_folder, write_text
from ..utils.cli import make_parser, positive, run_main, seed
from .problems import Split, sample_problems, unique_id


def rows(split: Split, count: int, seed: int) -> list[dict[str, object]]:
    """`count` rows, with the columns of MATH-500 and the thought."""
    made = enumerate(islice(sample_problems(split, seed), count))
    return [
        {**asdict(problem), "unique_id": unique_id(problem, split, index)}
        for index, problem in made
    ]


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder of the two files")
    parser.add_argument("--train", type=positive, default=500, help="problems with thoughts")
    parser.add_argument("--test", type=positive, default=100, help="held-out problems")
    parser.add_argument("--seed", type=seed, default=1, help="of the problems")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    writable_folder(arguments.output, "choose another --output")
    counts: dict[Split, int] = {"train": arguments.train, "test": arguments.test}
    for split, count in counts.items():
        lines = [json.dumps(row) for row in rows(split, count, arguments.seed)]
        write_text(arguments.output / f"{split}.jsonl", "\n".join(lines) + "\n")
        print(f"{arguments.output / split}.jsonl: {count} problems")


if __name__ == "__main__":
    run_main(main)
