from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.locks import in_turn, locked

HOLDER = """
import sys
from pathlib import Path
from sprint.utils.locks import locked
with locked(Path(sys.argv[1]), "it"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_is_told_until_the_first_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(InputError, match="Another run works on these rows"),
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
        with pytest.raises(InputError, match="Another run works on it"), locked(path, "it"):
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


def test_without_locks_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(os.strerror(38))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with locked(tmp_path / "lock", "it"), locked(tmp_path / "lock", "it"):
        pass


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
