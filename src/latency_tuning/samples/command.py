"""Runs `sprint resample`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...utils.data.loading import load_problems, problem_id
from ...utils.errors import InputError
from ...utils.files.atomic import writable_folder, write_chunks
from ...utils.records import Problem
from ..sample_ids import sample_id
from .config import ResampleConfig


def run(config: ResampleConfig) -> None:
    """Write the samples.

    InputError if the dataset cannot be read, or an id is too long to have that of a sample.
    """
    problems = load_problems(config.source, "train")
    writable_folder(config.output.parent, "choose another --output")
    write_samples(problems, config.samples, config.output)
    print(f"{len(problems)} problems, {config.samples} samples of each, in {config.output}")


def write_samples(problems: Iterable[Problem], samples: int, path: Path) -> None:
    """A .jsonl file with each problem `samples` times. InputError if an id is too long for it."""
    rows = (row for problem in problems for row in sample_rows(problem, samples))
    write_chunks(path, (f"{json.dumps(row)}\n".encode() for row in rows))


def sample_rows(problem: Problem, samples: int) -> Iterator[dict[str, str]]:
    """The rows of a problem's samples. InputError if its id leaves no room for their numbers."""
    longest = sample_id(problem.id, samples)
    if problem_id(longest) != longest:
        raise InputError(
            f"The id {problem.id} is too long for samples: name another column with --id_column, "
            "or shorten the ids."
        )
    for number in range(1, samples + 1):
        yield {
            "id": sample_id(problem.id, number),
            "question": problem.question,
            "answer": problem.answer,
            "level": problem.level,
            "subject": problem.subject,
        }
