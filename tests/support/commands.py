"""Running a stage as a user does: in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sprint.utils.records import Problem

from .limits import PROCESS_PATIENCE

PRIVATE = ("LOGS_DIR", "OPENAI_API_KEY", "PROMPTS_DIR", "OPENAI_BASE_URL")
"""What a developer's environment may hold, and a test must not see."""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return [line for line in self.err.splitlines() if line.startswith("Error:")]


def run_command(
    module: str,
    flags: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    typed: str | None = None,
) -> Outcome:
    """`python -m module flags`, started in `folder`, offline; `typed` is its input."""
    return outcome_of(start_command(module, flags, folder, environment, typed=typed), typed)


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)


def take_signals() -> None:
    """In a process that begins: it would ignore what tests in the background ignore."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def start_command(
    module: str,
    flags: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    before: Callable[[], object] | None = None,
    typed: str | None = None,
) -> subprocess.Popen[str]:
    """The command of `run_command` under way; `before` is called in its process."""
    inherited = {key: value for key, value in os.environ.items() if key not in PRIVATE}

    def prepare() -> None:
        take_signals()
        if before is not None:
            before()

    return subprocess.Popen(
        [sys.executable, "-m", module, *flags],
        cwd=folder,
        env=inherited | {"HF_HUB_OFFLINE": "1"} | dict(environment or {}),
        stdin=None if typed is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=prepare,
    )


def outcome_of(command: subprocess.Popen[str], typed: str | None = None) -> Outcome:
    """What a command says until it ends; one that does not is killed and fails the test."""
    try:
        out, err = command.communicate(typed, timeout=PROCESS_PATIENCE)
    finally:
        command.kill()
    return Outcome(command.returncode, out, err)


def write_problems(path: Path, problems: Sequence[Problem]) -> None:
    """A .jsonl file with the columns of MATH-500."""
    rows = [
        {
            "problem": problem.question,
            "answer": problem.answer,
            "solution": problem.solution,
            "unique_id": problem.id,
            "level": problem.level,
        }
        for problem in problems
    ]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
