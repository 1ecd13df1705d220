"""A command whose terminal or reader is gone does its work to the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.commands import take_signals
from support.limits import PROCESS_PATIENCE

COMMAND = """
import logging, sys
from pathlib import Path
from sprint.utils.config.cli import run_main
from sprint.utils.concurrency.progress import Progress
from sprint.utils.methods.runner import run_async

async def work():
    with Progress(2, "work") as progress:
        for _ in range(2):
            progress.advance()
            print("a line" * 10_000)
            print("a line", file=sys.stderr)
            logging.warning("a warning")
    Path(sys.argv[1]).touch()

print("ready", flush=True)
sys.stdin.readline()
run_main(lambda: run_async(work))
"""
TWICE = """
import asyncio, signal
from sprint.utils.config.cli import run_main
from sprint.utils.methods.runner import run_async

async def work():
    try:
        print("ready", flush=True)
        await asyncio.Event().wait()
    finally:
        signal.raise_signal(signal.SIGHUP)
        await asyncio.sleep(0.01)
        print("stored", flush=True)

run_main(lambda: run_async(work))
"""


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal."""
    ends = os.openpty()
    yield ends
    for end in ends:
        with suppress(OSError):
            os.close(end)


@pytest.mark.parametrize("gone", ["stdout", "stderr"])
def test_a_pipe_that_nobody_reads_costs_no_work(tmp_path: Path, gone: str) -> None:
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(tmp_path / "done")], **pipes
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"ready\n"
        getattr(command, gone).close()
        setattr(command, gone, None)
        command.communicate(timeout=PROCESS_PATIENCE)
    assert command.returncode == 0
    assert (tmp_path / "done").exists()


def test_a_closed_terminal_costs_no_work(tmp_path: Path, terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(tmp_path / "done")],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=theirs,
    ) as command:
        said = b""
        while not said.endswith(b"\n"):
            said += os.read(ours, 100)
        os.close(theirs)
        os.close(ours)
        command.communicate(timeout=PROCESS_PATIENCE)
    assert command.returncode == 0
    assert (tmp_path / "done").exists()


def test_without_any_output(tmp_path: Path) -> None:
    words = 'exec "$0" -c "$1" "$2" </dev/null >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", words, sys.executable, COMMAND, str(tmp_path / "done")],
        timeout=PROCESS_PATIENCE,
        check=False,
    )
    assert done.returncode == 0
    assert (tmp_path / "done").exists()


def test_the_second_hang_up_does_not_hurry() -> None:
    """The kernel and the shell both send one when a terminal is closed."""
    with subprocess.Popen(
        [sys.executable, "-c", TWICE], stdout=subprocess.PIPE, preexec_fn=take_signals
    ) as command:
        assert command.stdout is not None
        assert command.stdout.readline() == b"ready\n"
        command.send_signal(signal.SIGHUP)
        assert command.communicate(timeout=PROCESS_PATIENCE)[0] == b"stored\n"
    assert command.returncode == 130
