from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.files.locks import in_turn, locked

HOLDER = """
import sys
from pathlib import Path
from sprint.utils.files.locks import locked
with locked(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(InputError, match="Another run is working on these rows"),
            locked(path, "these rows"),
        ):
            pass
        holder.kill()
        holder.wait()
    with locked(path, "these rows"):
        assert path.is_file()
    assert not path.exists()


def test_shared_locks_go_together_and_with_no_other(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path, "it", shared=True):
        with locked(path, "it", shared=True):
            pass
        with pytest.raises(InputError, match="Another run is working on it"), locked(path, "it"):
            pass
    with locked(path, "it"), pytest.raises(InputError), locked(path, "it", shared=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_failing_block_lets_go(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), locked(tmp_path / "lock", "it"):
            raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_removed_meanwhile_is_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, calls = tmp_path / "lock", list[int]()

    def lock_too_late(file: object, operation: int) -> None:
        calls.append(operation)
        if len(calls) == 1:
            path.unlink()

    monkeypatch.setattr(fcntl, "flock", lock_too_late)
    with locked(path, "it"):
        assert path.is_file()
    assert len(calls) == 2


@pytest.mark.parametrize("error", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EROFS])
def test_nothing_runs_without_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with (
        pytest.raises(InputError, match=r"cannot be locked.*on a file system with locks"),
        locked(tmp_path / "lock", "it"),
    ):
        pytest.fail("It ran without a lock.")


def _link(path: Path, other: Path) -> None:
    path.symlink_to(other)


def _link_to_nothing(path: Path, other: Path) -> None:
    path.symlink_to(other.with_name("missing"))


def _second_name(path: Path, other: Path) -> None:
    path.hardlink_to(other)


def _content(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def _folder(path: Path, _: Path) -> None:
    path.mkdir()


def _pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, _: Path) -> None:
    socket.socket(socket.AF_UNIX).bind(str(path))


@pytest.mark.parametrize(
    "make", [_link, _link_to_nothing, _second_name, _content, _folder, _pipe, _socket]
)
@pytest.mark.parametrize("shared", [False, True])
def test_what_is_no_lock_of_ours_is_left_as_it_is(
    tmp_path: Path, make: Callable[[Path, Path], None], shared: bool
) -> None:
    other, path = tmp_path / "letter", tmp_path / "lock"
    other.write_text("of somebody else")
    make(path, other)
    before = sorted(os.lstat(one).st_ino for one in tmp_path.iterdir())
    with pytest.raises(InputError, match="lock"), locked(path, "it", shared=shared):
        pytest.fail("It ran with what is no lock.")
    assert other.read_text() == "of somebody else"
    assert sorted(os.lstat(one).st_ino for one in tmp_path.iterdir()) == before


def test_in_turn_waits_for_the_one_before(tmp_path: Path) -> None:
    order = list[str]()

    async def work(name: str) -> None:
        async with in_turn(tmp_path / "lock"):
            order.append(f"{name} begins")
            await asyncio.sleep(0)
            order.append(f"{name} ends")

    async def both() -> None:
        await asyncio.gather(work("a"), work("b"))

    asyncio.run(both())
    assert order == ["a begins", "a ends", "b begins", "b ends"]
    assert list(tmp_path.iterdir()) == []
