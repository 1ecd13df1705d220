"""Runs `sprint select`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ...utils.data.loading import DataSource, load_rows
from ...utils.errors import FormatError, InputError
from ...utils.files.atomic import writable_folder, write_chunks
from ...utils.grammar import parse_finished, render
from ...utils.records import Trajectory
from ...utils.results.calls import iterate_calls
from ..graded_rows import graded_rows
from ..sample_ids import problem_of
from ..trajectory_price import SecondsOf, trajectory_price
from .candidates import Candidate, Refusal, fastest, summary
from .config import SelectConfig


def run(config: SelectConfig) -> None:
    """Write the selected trajectories. InputError if a folder cannot be read or nothing is kept."""
    price = trajectory_price(config.prices, config.tokenizer)
    taught = fastest(taught_candidates(config.data, price))
    questions = {name: one.trajectory.question for name, one in taught.items()}
    samples = list(sampled_candidates(config.folder, price, questions))
    usable = [one for one in samples if isinstance(one, Candidate)]
    refused = Counter(one for one in samples if isinstance(one, Refusal))
    kept = fastest([*taught.values(), *usable])
    if not kept:
        raise InputError(f"Neither {config.data} nor {config.folder} has a usable trajectory.")
    writable_folder(config.output.parent, "choose another --output")
    write_chunks(config.output, (_line(one) for one in kept.values()))
    print(summary(taught, kept, len(samples), refused))
    print(f"In {config.output}")


def taught_candidates(data: Path, price: SecondsOf) -> Iterator[Candidate]:
    """The trajectories of fine-tuning data, of its training and test rows."""
    splits = [name for name in ("train", "test") if (data / name).is_dir()] or ["default"]
    for split in splits:
        table = load_rows(DataSource(str(data), split=split))
        if missing := {"id", "answer", "trajectory"} - {*table.column_names}:
            raise InputError(
                f"{data} has no column {min(missing)}: give the fine-tuning data of stage 3."
            )
        for row in map(table.texts, range(len(table))):
            try:
                trajectory = parse_finished(row["trajectory"], row.get("question", "")).trajectory
            except FormatError:
                continue  # stage 4 does not train on it either
            yield _candidate(row["id"], trajectory, price, row, sampled=False)


def sampled_candidates(
    folder: Path, price: SecondsOf, questions: Mapping[str, str]
) -> Iterator[Candidate | Refusal]:
    """The samples of a result folder, or why they do not count.

    `questions`: those of problems in the training data, by id.
    """
    discarded = {call.problem_id for call in iterate_calls(folder) if not call.kept}
    for name, row, is_right in graded_rows(folder):
        problem, question = problem_of(name), row["Question"]
        if questions.get(problem, question).split() != question.split():
            yield Refusal.OTHER
        elif not is_right:
            yield Refusal.WRONG
        elif row.get("Faults"):
            yield Refusal.FAULT
        elif name in discarded:
            yield Refusal.DISCARDED
        else:
            text = row.get("PlannerTrajectory", "")
            try:
                trajectory = parse_finished(text, question).trajectory
            except FormatError:
                yield Refusal.MALFORMED
                continue
            cells = {
                "answer": row["TrueFinalAnswer"],
                "level": row.get("Level", ""),
                "subject": row.get("Subject", ""),
            }
            yield _candidate(problem, trajectory, price, cells, sampled=True)


def _candidate(
    problem: str, trajectory: Trajectory, price: SecondsOf, cells: dict[str, Any], *, sampled: bool
) -> Candidate:
    return Candidate(
        problem,
        trajectory,
        price(trajectory),
        sampled,
        **{name: cells.get(name, "") for name in ("answer", "level", "subject")},
    )


def _line(one: Candidate) -> bytes:
    row = {
        "id": one.problem,
        "question": one.trajectory.question,
        "answer": one.answer,
        "level": one.level,
        "subject": one.subject,
        "trajectory": render(one.trajectory, think=False),
        "seconds": one.seconds,
        "sampled": one.sampled,
    }
    return f"{json.dumps(row)}\n".encode()
