"""What goes wrong with a system in the middle of a run: a full disk, a file that stays as it is."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .commands import Outcome, outcome_of, start_command
from .fake_server import Answer, FakeServer, Request, Script
from .stages import DISK, Stage

SIZE = 20
"""Megabytes of the disk."""


class Disk:
    """A file system of its own, in memory."""

    def __init__(self, path: Path) -> None:
        self.path, self._ballast = path, path / "ballast"

    def mount(self, size: int) -> None:
        self._mount(f"size={size}m")

    def remount(self, change: str) -> None:
        """With another option: `ro`, `rw` or another size."""
        self._mount(f"remount,{change}")

    def _mount(self, options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.path)]
        subprocess.run(command, check=True, capture_output=True)

    def fill(self, left: int = 0) -> None:
        """Take all room but `left` bytes."""
        room = shutil.disk_usage(self.path).free - left
        try:
            with self._ballast.open("wb", buffering=0) as file:
                while room > 0:
                    room -= file.write(bytes(min(room, 1 << 16)))
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017 - it may be taken meanwhile

    def empty(self) -> None:
        self._ballast.unlink()


@contextmanager
def mounted(path: Path, size: int = SIZE) -> Iterator[Disk]:
    """A disk at `path`; the test is skipped where this user may not mount."""
    path.mkdir()
    disk = Disk(path)
    try:
        disk.mount(size)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting takes rights that this user lacks")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    """An empty file that nobody can replace; the test is skipped if there are none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("making a file immutable takes rights, and a file system that can")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", str(path)], check=True)


@contextmanager
def folder_in_place(path: Path) -> Iterator[None]:
    """A folder, with a file in it, where a file should be."""
    path.mkdir(parents=True)
    (path / "file").touch()
    try:
        yield
    finally:
        shutil.rmtree(path)


class AfterSome:
    """Lets `happen` run once, before request `number` is answered."""

    def __init__(self, script: Script, number: int, happen: Callable[[], object]) -> None:
        self._script, self._left, self._happen = script, number, happen

    def __call__(self, request: Request) -> Answer | Awaitable[Answer]:
        self._left -= 1
        if not self._left:
            self._happen()
        return self._script(request)


def run_stage(
    stage: Stage,
    folder: Path,
    server: FakeServer,
    *,
    workers: int = 4,
    before: Callable[[], object] | None = None,
) -> Outcome:
    """The stage as a command in `folder`; `before` is called in its process."""
    environment = {"OMP_NUM_THREADS": "1"}
    flags = stage.command(server, workers)
    return outcome_of(start_command(stage.module, flags, folder, environment, before))


def require_one_sentence(outcome: Outcome, named: str = DISK) -> None:
    """Exit code 2, and one error, which names a file whose path holds `named`."""
    assert (outcome.code, len(outcome.errors)) == (2, 1), outcome
    assert named in outcome.errors[0], outcome.err
    assert "Traceback" not in outcome.err
