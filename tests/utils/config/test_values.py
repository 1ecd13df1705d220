"""What counts as a value of a kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from sprint.utils.config import values


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (values.Temperature, ["0", "0.6", "2", ".5", "1e-1"]),
        (values.TopP, ["1", "0.95"]),
        (values.Positive, ["1", "007", "1000000000"]),
        (values.Seed, ["0", "4294967295"]),
        (values.Share, ["0", "1", "0.5"]),
    ],
)
def test_what_is_a_number(kind: Any, texts: list[str]) -> None:
    read = TypeAdapter(kind).validate_python
    assert [read(text) for text in texts] == [float(text) for text in texts]
    assert [read(read(text)) for text in texts] == [float(text) for text in texts]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (values.TopP, "0"),
        (values.TopP, 1.1),
        (values.Temperature, "2.1"),
        (values.Positive, 0),
        (values.Positive, True),
        (values.Positive, 2.0),
        (values.Positive, [1]),
        (values.AboveZero, 0),
        (values.NotNegative, None),
        (values.NotNegative, float("inf")),
        (values.Share, {"a": 1}),
        (values.SmallShare, 1),
        (values.SmallShare, "-0.1"),
        (values.Folder, ""),
        (values.Folder, "a\0b"),
        (values.Folder, "a" * 5000),
        (values.Folder, __file__),
        (values.Folder, 3),
    ],
)
def test_what_is_none(kind: Any, value: object) -> None:
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)
    said = str(error.value.errors()[0]["ctx"]["error"])
    assert said.startswith("expected a ")
    assert len(said) < 120


def test_a_folder_need_not_exist(tmp_path: Path) -> None:
    read = TypeAdapter(values.Folder).validate_python
    assert [read(tmp_path), read("not/there")] == [tmp_path, Path("not/there")]
