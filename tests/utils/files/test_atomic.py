from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.files.atomic import (
    new_folder,
    writable_folder,
    write_bytes,
    write_json,
    write_text,
)


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    text = "π < 4\r\nline\nlone \udc80 and \x00"
    write_text(tmp_path / "a.txt", text)
    assert (tmp_path / "a.txt").read_bytes() == text.encode("utf-8", "surrogatepass")


def test_json_reads_back_and_stays_readable(tmp_path: Path) -> None:
    value = {"question": "π?", "calls": [1, None, 0.5]}
    write_json(tmp_path / "a.json", value)
    written = (tmp_path / "a.json").read_text("utf-8")
    assert json.loads(written) == value
    assert "π" in written


def test_nothing_but_the_file_is_left(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one")
    write_text(tmp_path / "a.txt", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "two"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os if step == "fsync" else Path, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_bytes(path, b"new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_others_may_read_the_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "one")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o644


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / f"{'n' * 240}.txt"
    write_text(path, "one")
    assert path.read_text() == "one"


def test_writable_folder_makes_parents_and_leaves_nothing_in_it(tmp_path: Path) -> None:
    folder = writable_folder(tmp_path / "a" / "b")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("below", ["file", "file/logs"])
def test_a_folder_that_cannot_be_is_refused(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="set LOGS_DIR"):
        writable_folder(tmp_path / below)


@pytest.mark.parametrize("durable", [True, False])
def test_only_what_is_durable_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool
) -> None:
    synced = list[int]()
    monkeypatch.setattr(os, "fsync", synced.append)
    write_text(tmp_path / "a.txt", "new", durable=durable)
    assert (tmp_path / "a.txt").read_text() == "new"
    assert len(synced) == durable


def test_what_a_killed_run_was_writing_is_removed_and_what_another_writes_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".a.txt.killed.sprint-part").write_text("ha")
    write_text(tmp_path / "other.txt", "other")

    def replace(aside: Path, target: Path) -> Path:
        writable_folder(tmp_path)  # another run begins meanwhile
        assert aside.is_file()
        return rename(aside, target)

    rename = Path.rename
    monkeypatch.setattr(Path, "replace", replace)
    write_text(tmp_path / "a.txt", "new")
    assert content(tmp_path) == {"a.txt": "new", "other.txt": "other"}


def test_a_file_that_was_taken_for_a_left_one_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove_and_lock(handle: int, operation: int) -> None:
        if not removed:
            removed.extend(tmp_path.glob(".*.sprint-part"))
            removed[0].unlink()
        lock(handle, operation)

    removed, lock = list[Path](), fcntl.flock
    monkeypatch.setattr(fcntl, "flock", remove_and_lock)
    write_text(tmp_path / "a.txt", "new")
    assert content(tmp_path) == {"a.txt": "new"}


def test_without_locks_files_are_written_and_nothing_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError("No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    (tmp_path / ".a.txt.killed.sprint-part").write_text("ha")
    write_text(writable_folder(tmp_path) / "a.txt", "new")
    assert content(tmp_path) == {".a.txt.killed.sprint-part": "ha", "a.txt": "new"}


def content(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    (tmp_path / "D").mkdir()
    (tmp_path / "D" / "stale").touch()
    with new_folder(tmp_path / "D") as aside:
        (aside / "a").write_text("new")
        assert "D/stale" in content(tmp_path)
    assert content(tmp_path) == {"D/a": "new"}


def test_a_new_folder_that_fails_leaves_the_old(tmp_path: Path) -> None:
    (tmp_path / "D").mkdir()
    (tmp_path / "D" / "a").write_text("old")
    with pytest.raises(IsADirectoryError), new_folder(tmp_path / "D") as aside:
        aside.write_text("a folder is no file")
    assert content(tmp_path) == {"D/a": "old"}


def test_what_a_killed_run_left_is_tidied_and_the_old_folder_is_not_lost(tmp_path: Path) -> None:
    for left in (".D.new", ".D.old"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "a").write_text(left)
    with pytest.raises(OSError, match="full"), new_folder(tmp_path / "D"):
        raise OSError("full")
    assert content(tmp_path) == {"D/a": ".D.old"}


@pytest.mark.parametrize("end", ["new", "old"])
def test_a_link_in_the_place_of_what_is_aside_is_not_followed(tmp_path: Path, end: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letter").write_text("of somebody else")
    (tmp_path / f".made.{end}").symlink_to(other)
    if end == "old":
        (tmp_path / "made").mkdir()
    with new_folder(tmp_path / "made") as folder:
        (folder / "file").touch()
    assert [one.name for one in other.iterdir()] == ["letter"]
    assert [one.name for one in (tmp_path / "made").iterdir()] == ["file"]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["made", "other"]
