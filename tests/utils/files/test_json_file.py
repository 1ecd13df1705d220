"""Files of ours that a crash, a full disk or a person has damaged: one sentence each."""

from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.files.json_file import LARGEST_COUNT, DamagedError, count, counts, read_object
from support.damaged import DAMAGED


@pytest.mark.parametrize("content", DAMAGED.values(), ids=list(DAMAGED))
def test_what_is_no_object_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ours.json"
    path.write_bytes(content)
    with pytest.raises(DamagedError, match=r"ours\.json is damaged \(.+\): ask again\.") as caught:
        read_object(path, "ask again")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 200


def test_an_object_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ours.json"
    path.write_text('{"a": [1, {}]}')
    assert read_object(path) == {"a": [1, {}]}


def test_what_is_missing_or_no_file_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_object(tmp_path / "ours.json")
    with pytest.raises(InputError, match="should be a regular file") as caught:
        read_object(tmp_path)
    assert not isinstance(caught.value, DamagedError)


@pytest.mark.parametrize("value", [-1, LARGEST_COUNT + 1, 1.0, True, None, "1", [1]])
def test_what_is_no_count(value: object) -> None:
    with pytest.raises(ValueError, match="expected a count"):
        count(value)
    with pytest.raises(ValueError, match="expected"):
        counts({"a": 1, "b": value})


def test_counts() -> None:
    assert counts({"a": 0, "b": LARGEST_COUNT}) == {"a": 0, "b": LARGEST_COUNT}
    with pytest.raises(ValueError, match="expected an object"):
        counts([("a", 1)])
