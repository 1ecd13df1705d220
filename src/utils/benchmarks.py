"""Benchmarks by name: where they lie on the hub, and how their rows become problems.

A copy of a benchmark (a folder or file with the hub's columns) is read by the same rules. Countdown
can also be made here: four numbers and a target that an expression of all of them makes. So can the
problems of the sample world.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from ..sample_world.problems import sample_problems, unique_id
from .datasets_io import (
    DataSource,
    load_problems,
    load_rows,
    parse_range,
    problem_id,
    unique_ids,
)
from .errors import InputError
from .grading import countdown_gold
from .lazy_rows import LazyRows, Row
from .records import Problem

LETTERS = "ABCD"
GENERATED, SAMPLE_WORLD = "countdown-generated", "sample_world"
GENERATED_ROWS = 1000
"""Problems that are made here; a range chooses among them."""

Read = Callable[[Row, int], Problem]
"""From a row and the seed to a problem, whose id and index are given later."""
Make = Callable[[int, range], list[Problem]]
"""From the seed and the rows to the problems."""


@dataclass(frozen=True)
class Benchmark:
    """`columns` are those that `read` needs; without `read` they have their usual names.

    With `make` the problems are made here.
    """

    hub_path: str
    subset: str = "default"
    split: str = "default"
    read: Read | None = None
    columns: tuple[str, ...] = ()
    id_column: str = ""
    make: Make | None = None


def _problem(question: str, answer: str, solution: str = "", subject: str = "") -> Problem:
    return Problem("", 0, question.strip(), answer.strip(), solution, subject=subject)


def _gsm8k(row: Row, _: int) -> Problem:
    """The answer stands behind `####` at the end of the solution."""
    solution = str(row["answer"])
    answer = solution.rpartition("####")[2] if "####" in solution else ""
    if not answer.strip():
        raise ValueError("expected the answer behind #### at the end of its solution")
    return _problem(str(row["question"]), answer, solution)


def _gpqa(row: Row, seed: int) -> Problem:
    """The right answer and three wrong ones, in an order drawn from the seed and the record."""
    right = str(row["Correct Answer"]).strip()
    options = [right, *(str(row[f"Incorrect Answer {n}"]).strip() for n in (1, 2, 3))]
    random.Random(f"{seed} {row['Record ID']}").shuffle(options)
    listed = "\n".join(
        f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=True)
    )
    question = (
        f"{str(row['Question']).strip()}\n\n{listed}\n\nChoose one option and give its letter "
        "alone as the final answer."
    )
    return _problem(
        question,
        LETTERS[options.index(right)],
        str(row.get("Explanation") or ""),
        str(row.get("High-level domain") or ""),
    )


def _countdown(row: Row, _: int) -> Problem:
    numbers = row["nums"]
    if not isinstance(numbers, list):  # as text in .jsonl and .csv files: `[8, 3]` or `[8 3]`
        numbers = re.split(r"[\s,]+", str(numbers).strip("[] \n"))
    return _countdown_problem([_whole(number) for number in numbers], _whole(row["target"]))


def _whole(value: object) -> int:
    """A whole number, also as `98.0`."""
    found = re.fullmatch(r"(\d{1,12})(?:\.0*)?", str(value).strip())
    if found is None:
        raise ValueError(f"expected whole numbers, found {str(value)[:40]!r}")
    return int(found[1])


def _countdown_problem(numbers: list[int], target: int, solution: str = "") -> Problem:
    question = (
        f"Make {target} from the numbers {', '.join(map(str, numbers))}: use each of them exactly "
        "once, with +, -, * and / and with brackets where needed. Give the expression as the final "
        "answer."
    )
    return _problem(question, countdown_gold(numbers, target, use_all=True), solution)


def generated_countdown(seed: int, index: int) -> Problem:
    """Four numbers below 100 and a target from 10 to 100, made by an expression of all four.

    Solvable since the target is worked out from such an expression, which is the solution.
    """
    draw = random.Random(f"{GENERATED} {seed} {index}")
    while True:
        numbers = [draw.randint(1, 99) for _ in range(4)]
        made = _combined(draw, numbers)
        if made is not None and 10 <= made[0] <= 100:
            return _countdown_problem(numbers, int(made[0]), made[1])


def _combined(draw: random.Random, numbers: list[int]) -> tuple[Fraction, str] | None:
    """A value made of all numbers, two at a time, and how; None where it is no whole number."""
    parts = [(Fraction(number), str(number)) for number in numbers]
    while len(parts) > 1:
        (one, left), (two, right) = draw.sample(parts, 2)
        parts.remove((one, left))
        parts.remove((two, right))
        operator = draw.choice("+-*/")
        if operator == "/" and (two == 0 or (one / two).denominator != 1):
            operator = "+"
        value = {"+": one + two, "-": one - two, "*": one * two}.get(operator)
        parts.append((one / two if value is None else value, f"({left} {operator} {right})"))
    value, text = parts[0]
    return (value, text[1:-1]) if value.denominator == 1 else None


def _made_countdown(seed: int, rows: range) -> list[Problem]:
    return [replace(generated_countdown(seed, row), id=str(row), index=row) for row in rows]


def _made_sample_world(seed: int, rows: range) -> list[Problem]:
    """Held-out sample problems, as `python -m sprint.sample_world` writes them to test.jsonl."""
    made = islice(enumerate(sample_problems("test", seed)), rows.start, rows.stop)
    return [
        Problem(
            problem_id(unique_id(one, "test", row)),
            row,
            one.problem,
            one.answer,
            one.solution,
            level=str(one.level),
            subject=one.subject,
        )
        for row, one in made
    ]


BENCHMARKS = {
    "math500": Benchmark("HuggingFaceH4/MATH-500", split="test"),
    "gsm8k": Benchmark("openai/gsm8k", "main", "test", _gsm8k, ("question", "answer")),
    "gpqa_diamond": Benchmark(
        "Idavidrein/gpqa",
        "gpqa_diamond",
        "train",
        _gpqa,
        ("Question", "Correct Answer", *(f"Incorrect Answer {n}" for n in (1, 2, 3)), "Record ID"),
        "Record ID",
    ),
    "aime2024": Benchmark("HuggingFaceH4/aime_2024", split="train"),
    "aime2025": Benchmark("math-ai/aime25", split="test"),
    "countdown": Benchmark(
        "Jiayi-Pan/Countdown-Tasks-3to4", split="train", read=_countdown, columns=("nums", "target")
    ),
    GENERATED: Benchmark(GENERATED, make=_made_countdown),
    SAMPLE_WORLD: Benchmark(SAMPLE_WORLD, make=_made_sample_world),
}


def benchmark_source(name: str, given: DataSource, seed: int) -> DataSource:
    """The rows that a benchmark's name means, or those of `given` where it has a path: a copy.

    A subset or split that is given counts. Raises InputError for what the benchmark has no use for.
    """
    benchmark = BENCHMARKS[name]
    if given.named_columns and (benchmark.read or benchmark.make):
        flags = ", ".join(f"--{what}_column" for what in given.named_columns)
        raise InputError(f"{name} is read by its own columns: leave {flags} away.")
    if benchmark.make:
        if given.hub_path or (given.subset, given.split) != ("default", "default"):
            raise InputError(f"{name} is made here: give no dataset, subset or split with it.")
        return DataSource(name, f"seed_{seed}", rows=given.rows)
    is_copy = bool(given.hub_path)
    if given.subset == "default" and not (is_copy and Path(given.hub_path).exists()):
        given = replace(given, subset=benchmark.subset)
    if is_copy:
        return given
    split = benchmark.split if given.split == "default" else given.split
    return replace(given, hub_path=benchmark.hub_path, split=split)


def load_benchmark(name: str, source: DataSource, seed: int) -> list[Problem]:
    """The problems of a benchmark. Raises InputError where the rows lack a column that it has.

    So it does where a row has no such content.
    """
    benchmark = BENCHMARKS[name]
    if benchmark.make:
        return benchmark.make(seed, parse_range(source.rows, GENERATED_ROWS))
    read = benchmark.read
    if read is None:
        return load_problems(source)
    table = load_rows(source, preferred="test")
    missing = [column for column in benchmark.columns if column not in table.column_names]
    if missing:
        raise InputError(
            f"{source.hub_path} is no copy of {name}: it lacks {', '.join(missing)} and has "
            f"{', '.join(table.column_names)}."
        )
    column = benchmark.id_column
    ids = unique_ids([str(key or "") for key in table[column]] if column else [""] * len(table))

    def problem(index: int, row: Row) -> Problem:
        try:
            return replace(read(row, seed), id=ids[index], index=index)
        except ValueError as error:
            raise InputError(
                f"Row {index} of {source.hub_path} is none of {name}: {error}. Correct it, or "
                "leave it out with the range."
            ) from error

    return list(LazyRows(table, parse_range(source.rows, len(table)), problem))
