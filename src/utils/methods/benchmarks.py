"""Benchmarks by name: their location on the hub, and how their rows become problems.

A copy of a benchmark (a folder or file with the hub's columns) is read in the same way. Countdown
can also be generated: four numbers and a target that an expression of all of them makes. So can the
problems of the sample world.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from ..data.cells import Row, Value, structure
from ..data.column_paths import find_name
from ..data.loading import DataSource, load_problems, load_rows, parse_range, problem_id, unique_ids
from ..data.local_folders import has_configuration
from ..data.sample_problems import sample_problems, unique_id
from ..data.table import LazyRows, Table
from ..defaults import DEFAULT
from ..errors import InputError
from ..grading import countdown_gold
from ..records import Problem

log = logging.getLogger(__name__)

LETTERS = "ABCD"
GENERATED, SAMPLE_WORLD = "countdown-generated", "sample_world"
Cells = Mapping[str, Value]
"""A row, with its columns by the benchmark's own names."""

GENERATED_ROWS = 1000
"""Number of generated problems; a range selects among them."""

Read = Callable[[Cells, int], Problem]
"""Turns a row's columns and the seed into a problem, whose id and index are set later."""
Make = Callable[[int, range], list[Problem]]
"""Generates the problems from the seed and the rows."""


@dataclass(frozen=True)
class Benchmark:
    """`columns` are those that `read` needs; without `read` they have their usual names.

    With `make` the problems are generated. `options`: choice columns, the correct one first.
    """

    hub_path: str
    subset: str = DEFAULT
    split: str = DEFAULT
    read: Read | None = None
    columns: tuple[str, ...] = ()
    id_column: str = ""
    make: Make | None = None
    options: tuple[str, ...] = ()


def _problem(question: str, answer: str, solution: str = "", subject: str = "") -> Problem:
    return Problem("", 0, question.strip(), answer.strip(), solution, subject=subject)


def _text(row: Cells, column: str) -> str:
    """Raises ValueError if it is not text."""
    value = row.get(column)
    if isinstance(value, list | dict):
        raise ValueError(f"expected one text in {column}, found a list or an object")
    return (value or "").strip()


def _question(row: Cells, column: str) -> str:
    """Raises ValueError if it is missing."""
    if text := _text(row, column):
        return text
    raise ValueError(f"expected a question, but {column} is empty")


def _gsm8k(row: Cells, _: int) -> Problem:
    """The answer follows `####` at the end of the solution."""
    solution = _text(row, "answer")
    answer = solution.rpartition("####")[2] if "####" in solution else ""
    if not answer.strip():
        raise ValueError("expected the answer after #### at the end of its solution")
    return _problem(_question(row, "question"), answer, solution)


OPTIONAL = ("Explanation", "High-level domain")
"""Columns that a copy may lack."""
WRONG_OPTIONS = tuple(f"Incorrect Answer {number}" for number in (1, 2, 3))
OPTIONS = ("Correct Answer", *WRONG_OPTIONS)


def _gpqa(row: Cells, seed: int) -> Problem:
    """The correct answer and three wrong ones, in an order drawn from the seed and the record."""
    options = [_text(row, column) for column in OPTIONS]
    if "" in options:
        raise ValueError(f"expected four options, but {OPTIONS[options.index('')]} is empty")
    right = options[0]
    random.Random(f"{seed} {_text(row, 'Record ID')}").shuffle(options)
    listed = "\n".join(
        f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=True)
    )
    question = (
        f"{_question(row, 'Question')}\n\n{listed}\n\nChoose one option and give its letter "
        "alone as the final answer."
    )
    return _problem(
        question,
        LETTERS[options.index(right)],
        _text(row, "Explanation"),
        _text(row, "High-level domain"),
    )


def _countdown(row: Cells, _: int) -> Problem:
    numbers = structure(row["nums"])
    if not isinstance(numbers, list):  # as text in tables: `[8 3]` or `8, 3`
        numbers = [*re.split(r"[\s,]+", str(numbers).strip("[] \n"))]
    if not numbers:
        raise ValueError("expected whole numbers, found ''")
    return _countdown_problem([_whole(number) for number in numbers], _whole(row["target"]))


def _whole(value: object) -> int:
    """An integer, also as `98.0`."""
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

    Solvable, because the target is computed from such an expression, which is the solution.
    """
    draw = random.Random(f"{GENERATED} {seed} {index}")
    while True:
        numbers = [draw.randint(1, 99) for _ in range(4)]
        made = _combined(draw, numbers)
        if made is not None and 10 <= made[0] <= 100:
            return _countdown_problem(numbers, int(made[0]), made[1])


def _combined(draw: random.Random, numbers: list[int]) -> tuple[Fraction, str] | None:
    """A value made from all numbers, two at a time, and how; None if it is not an integer."""
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
        ("Question", *OPTIONS, "Record ID"),
        "Record ID",
        options=OPTIONS,
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
    """The rows for a benchmark's name, or those of `given` if it has a path to a copy.

    A given subset or split counts. Raises InputError for settings that the benchmark cannot use.
    """
    benchmark = BENCHMARKS[name]
    if given.named_columns and (benchmark.read or benchmark.make):
        flags = ", ".join(f"--{what}_column" for what in given.named_columns)
        raise InputError(f"{name} is read by its own columns: omit {flags}.")
    if benchmark.make:
        if given.hub_path or (given.subset, given.split) != (DEFAULT, DEFAULT):
            raise InputError(f"{name} is generated: give no dataset, subset or split with it.")
        return DataSource(name, f"seed_{seed}", rows=given.rows)
    is_copy, path = bool(given.hub_path), Path(given.hub_path)
    lacks_subset = (
        is_copy
        and path.exists()
        and not (path.is_dir() and has_configuration(path, benchmark.subset))
    )
    if given.subset == DEFAULT and not lacks_subset:
        given = replace(given, subset=benchmark.subset)
    if is_copy:
        return given
    split = benchmark.split if given.split == DEFAULT else given.split
    return replace(given, hub_path=benchmark.hub_path, split=split)


def load_benchmark(name: str, source: DataSource, seed: int) -> Sequence[Problem]:
    """The problems of a benchmark. Raises InputError if the rows lack one of its columns.

    Also if a row has invalid content.
    """
    benchmark = BENCHMARKS[name]
    if benchmark.make:
        return benchmark.make(seed, parse_range(source.rows, GENERATED_ROWS))
    read = benchmark.read
    if read is None:
        return load_problems(source)
    table = load_rows(source, preferred="test")
    found = {
        column: find_name(table.column_names, column) for column in (*benchmark.columns, *OPTIONAL)
    }
    missing = [column for column in benchmark.columns if found[column] is None]
    if missing:
        raise InputError(
            f"{source.hub_path} is not a copy of {name}: it lacks {', '.join(missing)} and has "
            f"{', '.join(table.column_names[:40])}."
        )
    id_column = found.get(benchmark.id_column)
    keys = table.column(id_column) if id_column else [""] * len(table)
    ids = unique_ids([key if isinstance(key, str) else "" for key in keys])

    def problem(index: int, row: Row) -> Problem:
        cells = {column: row.get(name) for column, name in found.items() if name is not None}
        try:
            return replace(read(cells, seed), id=ids[index], index=index)
        except ValueError as error:
            raise InputError(
                f"Row {index} of {source.hub_path} is not a valid row of {name}: {error}. Correct "
                "it, or leave it out with the range."
            ) from error

    needed = [column for column in found.values() if column is not None]
    table = table.select_columns(needed)
    rows: Sequence[int] = parse_range(source.rows, len(table))
    if benchmark.options:
        names = [str(found[column]) for column in benchmark.options]
        rows = _gradable(table, rows, names, ids)
    problems = LazyRows(table, rows, problem)
    for _ in problems:
        pass  # checks each row before the first is solved
    return problems


def _gradable(
    table: Table, rows: Sequence[int], options: Sequence[str], ids: Sequence[str]
) -> Sequence[int]:
    """The rows whose correct option occurs once among the options; warns about equal ones."""
    equal, ungradable = list[int](), list[int]()
    for index in rows:
        row = table[index]
        right, *wrong = (" ".join(str(row.get(column) or "").split()) for column in options)
        if right in wrong:
            ungradable.append(index)
        elif len(set(wrong)) < len(wrong):
            equal.append(index)
    for indices, what in (
        (equal, "have equal wrong options and are kept"),
        (
            ungradable,
            "have a wrong option equal to the right one: they cannot be graded, and are left out",
        ),
    ):
        if indices:
            some = ", ".join(ids[index] for index in indices[:10])
            log.warning("%s: %d rows %s (%s).", table.name, len(indices), what, some)
    kept = [index for index in rows if index not in ungradable]
    if not kept:
        raise InputError(
            f"None of the {len(rows)} rows of {table.name} can be graded: use another copy."
        )
    return kept
