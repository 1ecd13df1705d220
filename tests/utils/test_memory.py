"""What a run and its readers hold in memory does not grow with the texts of the problems."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.analysis.compare import read_methods
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.methods.runner import solve_all
from sprint.utils.records import Problem, Result
from sprint.utils.results.reading import read_results
from sprint.utils.results.writing import SERIAL_LAYOUT, ResultFolder
from support.results import result_of

COUNT, SIZE = 240, 40_000
FEW = 60 * SIZE
"""Bytes: several copies of one text on its way, and far less than all of them."""


TRIES = 3


def few_texts_at_once(work: Callable[[Path], object], folder: Path) -> bool:
    """Whether `work`, which gets a new folder each time, can do with few texts.

    What is held is held each time; what the process does beside it (an import, a thread that
    another test has left) is counted, too, and is gone the next time.
    """
    assert FEW < COUNT * SIZE / 3
    return any(peak_of(work, folder / str(number)) < FEW for number in range(TRIES))


def peak_of(work: Callable[[Path], object], folder: Path) -> int:
    tracemalloc.start()
    try:
        work(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def text_of(problem: Problem) -> str:
    return f"It is {problem.index}. " * (SIZE // 9 + 1)


async def solve(problem: Problem) -> Result:
    result = result_of(problem.index)
    text = text_of(problem)[:SIZE]
    return replace(result, problem=problem, text=text, response=text)


async def never(problem: Problem) -> Result:
    raise AssertionError(f"{problem.id} was solved before")


def write_problems(path: Path, count: int) -> Path:
    rows = ({"problem": f"{n}? " + "x" * SIZE, "answer": str(n)} for n in range(count))
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


@pytest.fixture
def problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("sprint.utils.results.writing.ROWS_A_TABLE", 1)  # for the time of the test
    monkeypatch.setattr(
        "sprint.utils.concurrency.garbage_collection.PROBLEMS", 10
    )  # half of all here
    few = write_problems(tmp_path / "few.jsonl", 2)  # for what is imported and cached once
    run(tmp_path / "few", few, solve)
    read_methods([tmp_path / "few"], Words())
    many = write_problems(tmp_path / "problems.jsonl", COUNT)
    load_problems(DataSource(str(many)))  # into the cache
    return many


def run(folder: Path, data: Path, method: Callable[[Problem], object]) -> None:
    results = ResultFolder(folder, SERIAL_LAYOUT, {"method": "RFT"})
    rows = load_problems(DataSource(str(data)))
    asyncio.run(solve_all(rows, method, results, workers=2, label="RFT"))  # type: ignore[arg-type]


def test_a_run_holds_few_texts_at_once(tmp_path: Path, problems: Path) -> None:
    assert few_texts_at_once(lambda folder: run(folder, problems, solve), tmp_path)
    assert few_texts_at_once(lambda _: run(tmp_path / "0", problems, never), tmp_path)
    table = read_results(tmp_path / "0")
    assert table is not None
    assert list(map(len, table["ModelResponse"])) == [SIZE] * COUNT


def test_what_compares_holds_few_texts_at_once(
    tmp_path: Path, problems: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprint.utils.results.reading.ROWS_AT_ONCE", 2)
    run(tmp_path / "out", problems, solve)
    found = list[int]()

    def compare(_: Path) -> None:
        (method,) = read_methods([tmp_path / "out"], Words())
        found.append(len(method.problems))

    assert few_texts_at_once(compare, tmp_path)
    assert set(found) == {COUNT}


class Words:
    def encode(self, text: str, /, *, add_special_tokens: bool = False) -> list[int]:
        return [0] * (len(text) // 1000)
