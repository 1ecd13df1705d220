"""Paths that are no dataset, and files with metadata that nobody expects."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sprint.utils.data import tables as opening
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.errors import InputError

TEXT = {"dtype": "string", "_type": "Value"}


def features(of: Any) -> dict[bytes, bytes]:
    return {b"huggingface": json.dumps({"info": {"features": of}}).encode()}


METADATA = {
    "no JSON": {b"huggingface": b"{"},
    "no UTF-8": {b"huggingface": b"\xff\xfe", b"pandas": b"\xff"},
    "a list": {b"huggingface": b"[]"},
    "null": {b"huggingface": b"null"},
    "nested deeply": {b"huggingface": b'{"info":{"features":' + b"[" * 50_000},
    "a number": features(3),
    "an unknown type": features({"question": {"_type": "Nope"}, "answer": TEXT}),
    "other columns": features({"x": TEXT}),
    "an image": features({"question": {"_type": "Image"}, "answer": {"_type": "Audio"}}),
    "classes of a text": features({"question": {"_type": "ClassLabel", "names": ["a"]}}),
    "no pandas": {b"pandas": b'{"index_columns":[{"kind":"range","start":"x"}],"columns":3}'},
}


@pytest.mark.parametrize("name", METADATA)
def test_odd_metadata_does_not_matter(tmp_path: Path, name: str) -> None:
    table = pa.table({"question": ["1+1?", "x?"], "answer": [0, 7]})
    path = tmp_path / "data.parquet"
    pq.write_table(table.replace_schema_metadata(METADATA[name]), path)
    assert [one.answer for one in load_problems(DataSource(str(path)))] == ["0", "7"]


def _pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.jsonl")
    return str(folder / "pipe.jsonl")


def _loop(folder: Path) -> str:
    (folder / "loop").symlink_to(folder / "loop")
    return str(folder / "loop")


ODD: dict[str, Callable[[Path], str]] = {
    "the root": lambda _: "/",
    "the root in other words": lambda _: "/tmp/..//./",
    "blank": lambda _: "  ",
    "nothing": lambda _: "/dev/null",
    "no end": lambda _: "/dev/zero",
    "a pipe": _pipe,
    "a loop": _loop,
    "a long name": lambda _: "x" * 5000,
    "a NUL": lambda _: "a\0b",
    "an empty folder": str,
    "a file as a folder": lambda _: f"{__file__}/data",
    "a missing file": lambda folder: str(folder / "missing.jsonl"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_dataset_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        load_problems(DataSource(ODD[name](tmp_path)))
    assert len(str(refused.value)) < 500


def test_a_folder_of_everything_is_not_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MOST_NAMES", 3)
    for number in range(5):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(InputError, match="contains more than 3 files"):
        load_problems(DataSource(str(tmp_path)))
