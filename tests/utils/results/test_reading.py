"""Damaged tables of result folders: written again by the run, and one sentence for a reader."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.results.reading import read_results
from support.result_folders import write_results
from support.results import result_of

TABLE = "agent_orchestration_output.csv"
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "a row of zeros": lambda content: content + bytes(64) + b"\n",
    "cut short in quotes": lambda content: content[: content.rindex(b"boxed")],
    "cut short": lambda content: content[: content.rindex(b",")],
    "no UTF-8": lambda content: content.replace(b"test_sums_1", b"\xff"),
    "no table": lambda _: b"[" * 100_000,
    "a row with fields more": lambda content: content + b"," * 50 + b"\n",
}


def written(folder: Path) -> Path:
    return write_results(folder, [result_of(0), result_of(1)])


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_table_is_one_sentence_until_the_run_writes_it_again(
    tmp_path: Path, kind: str
) -> None:
    path = written(tmp_path) / TABLE
    before = path.read_bytes()
    path.write_bytes(DAMAGES[kind](before))
    with pytest.raises(InputError, match=rf"{TABLE} is damaged .*writes it again from the records"):
        read_results(tmp_path)
    written(tmp_path)
    assert path.read_bytes() == before
    table = read_results(tmp_path)
    assert table is not None
    assert list(table["ProblemIdx"]) == ["test_sums_0", "test_sums_1"]


@pytest.mark.parametrize("kind", sorted(set(DAMAGES) - {"cut short", "no table"}))
def test_a_damaged_table_without_records_is_one_sentence(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path) / TABLE
    shutil.rmtree(tmp_path / "problems")
    path.write_bytes(DAMAGES[kind](path.read_bytes()))
    with pytest.raises(InputError, match=rf"{TABLE} should be a CSV with a header"):
        read_results(tmp_path)


def test_a_table_of_others_may_end_without_a_line_break(tmp_path: Path) -> None:
    path = written(tmp_path) / TABLE
    shutil.rmtree(tmp_path / "problems")
    path.write_bytes(path.read_bytes().rstrip())
    table = read_results(tmp_path)
    assert table is not None
    assert len(table) == 2
