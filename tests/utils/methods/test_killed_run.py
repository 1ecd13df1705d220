"""A run that is killed at a write boundary, resumed, and compared with one that never was."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sprint.utils.results.reading import read_results, trajectory_files
from support import killed_run
from support.limits import PROCESS_PATIENCE

COUNT = 3
STEPS = 2 * (1 + COUNT * (2 + 2))
"""Sync and rename of: run.json; trajectory, record, CSV and ledger for each problem."""


def run(folder: Path, steps: int) -> int:
    command = [sys.executable, killed_run.__file__, str(folder), str(COUNT), str(steps)]
    return subprocess.run(
        command, check=False, capture_output=True, timeout=PROCESS_PATIENCE
    ).returncode


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
    table = read_results(tmp_path)
    rows = set() if table is None else set(table["ProblemIdx"])
    files = {file.problem_id for file in trajectory_files(tmp_path)}
    assert rows <= files
    assert len(files - rows) <= 1, "only of the problem that was just being written"
    assert run(tmp_path, -1) == 0
    assert contents(tmp_path) == uninterrupted


def test_every_boundary_was_met(tmp_path: Path) -> None:
    assert run(tmp_path, STEPS) == 0
