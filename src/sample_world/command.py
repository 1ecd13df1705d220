"""Writes the sample dataset: train.jsonl with thoughts and test.jsonl with held-out problems."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import islice

from ..utils.data.sample_problems import SYMBOLS, Split, World, sample_problems, unique_id
from ..utils.data.word_problems import WORDS
from ..utils.files.atomic import writable_folder, write_text
from .config import SampleWorldConfig

WORLDS = {"symbols": SYMBOLS, "words": WORDS}


def run(config: SampleWorldConfig) -> None:
    """Write both files; each file is printed with the number of its problems."""
    writable_folder(config.output, "choose another --output")
    counts: dict[Split, int] = {"train": config.train, "test": config.test}
    for split, count in counts.items():
        made = rows(split, count, config.seed, WORLDS[config.world])
        lines = [json.dumps(row) for row in made]
        write_text(config.output / f"{split}.jsonl", "\n".join(lines) + "\n")
        print(f"{config.output / split}.jsonl: {count} problems")


def rows(split: Split, count: int, seed: int, world: World = SYMBOLS) -> list[dict[str, object]]:
    """`count` rows with the columns of MATH-500 and the thought."""
    made = enumerate(islice(sample_problems(split, seed, world), count))
    return [
        {**asdict(problem), "unique_id": unique_id(problem, split, index)}
        for index, problem in made
    ]
