"""A run that is killed at a write boundary, resumed, and compared with one that never was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support import killed_run

COUNT = 3
STEPS = 2 * (1 + 2 * COUNT + 2)
"""Sync and rename of: run.json, trajectory and record of each problem, the CSV and the ledger."""


def run(folder: Path, steps: int) -> int:
    command = [sys.executable, killed_run.__file__, str(folder), str(COUNT), str(steps)]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).returncode


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder, -1) == 0
    return contents(folder)


@pytest.mark.parametrize("steps", range(STEPS))
def test_a_killed_run_resumes_to_the_same_folder(
    tmp_path: Path, uninterrupted: dict[str, bytes], steps: int
) -> None:
    assert run(tmp_path, steps) == -signal.SIGKILL
    assert run(tmp_path, -1) == 0
    assert contents(tmp_path) == uninterrupted


def test_every_boundary_was_met(tmp_path: Path) -> None:
    assert run(tmp_path, STEPS) == 0
