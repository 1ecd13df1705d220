"""Rows that are read when they are asked for, and files of text rows that need no memory."""

from __future__ import annotations

import json
from pathlib import Path

import datasets
import pytest
from sprint.utils.data import table as tables
from sprint.utils.data.cache import read_files
from sprint.utils.data.loading import DataSource, load_thoughts
from sprint.utils.data.table import LazyRows, Table


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


def table_of(path: Path) -> Table:
    return read_files(str(path), [path])


def write(path: Path, count: int) -> Path:
    rows = [{"problem": f"{n}?", "answer": str(n), "thought": f"It is {n}."} for n in range(count)]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    table, read = table_of(write(tmp_path / "rows.jsonl", 10)), list[int]()
    rows = LazyRows(table, range(10), lambda index, row: read.append(index) or row["answer"])
    assert len(rows[4:8]) == 4
    assert (rows[4:8][0], rows[-1]) == ("4", "9")
    assert read == [4, 9]


def test_a_new_memory_map_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "REMAP_EVERY", 2)
    thoughts = load_thoughts(DataSource(str(write(tmp_path / "rows.jsonl", 7)), rows="1:7"))
    assert [thought.text for thought in thoughts] == [f"It is {n}." for n in range(1, 7)]


def test_chosen_rows_keep_their_indices(tmp_path: Path) -> None:
    thoughts = load_thoughts(DataSource(str(write(tmp_path / "rows.jsonl", 7))))
    odd = thoughts.where(lambda thought: thought.text in ("It is 3.", "It is 5."))
    assert [thought.problem.index for thought in odd] == [3, 5]
    assert list(thoughts.where_index(lambda index: index > 4).indices) == [5, 6]


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_a_file_that_has_changed_is_read_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"rows.{ending}"
    for text in ("one", "three"):
        path.write_text(f"a\n{text}\n" if ending == "csv" else json.dumps({"a": text}))
        assert list(table_of(path).column("a")) == [text]
    assert len(list((tmp_path / "cache").rglob("*.arrow"))) == 1


def test_a_column_that_the_first_row_lacks(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": "1"}\n{"b": 2, "a": null}\n{"c": [3]}\n')
    assert list(table_of(path)) == [
        {"a": "1", "b": None, "c": None},
        {"a": None, "b": "2", "c": None},
        {"a": None, "b": None, "c": ["3"]},
    ]


def test_a_line_of_a_table_that_is_too_short(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('a,b\n1\n"x\ny",NA\n')
    assert list(table_of(path)) == [{"a": "1", "b": None}, {"a": "x\ny", "b": "NA"}]
