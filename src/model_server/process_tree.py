"""Finds the processes of a server in /proc by a mark in their environment, and stops them.

All processes that the server starts inherit the mark, in any session and under any parent. No other
process has it, so a reused process id is never mistaken for one of ours.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..utils.config.safe_output import one_line

MARK = "SPRINT_SERVER"
"""The variable with the mark: PORT:FOLDER."""
OWNER = "SPRINT_SERVER_OWNER"
"""The variable with the script that owns the server, as PID:STARTED."""
GUARD = "SPRINT_SERVER_GUARD"
"""The variable that only a server's guard has."""

PAUSE = 0.1
"""Seconds between checks of /proc: nothing signals the end of another parent's process."""
ALONE = 5.0
"""Seconds for the other processes to end once the server's first process is gone."""
LAST = 30.0
"""Seconds that a killed process may need until a GPU releases it."""


@dataclass(frozen=True)
class Process:
    """A process of this user; `started` in clock ticks since boot."""

    pid: int
    parent: int
    session: int
    started: int
    stopped: bool
    memory: int
    """Bytes."""
    command: str
    environment: dict[str, str]
    """The three variables above, from its environment."""

    @property
    def name(self) -> str:
        stopped = ", stopped" if self.stopped else ""
        # A process can set its command line to anything.
        return (
            f"{self.pid} ({one_line(self.command[:120])}, {self.memory / 2**20:.0f} MiB{stopped})"
        )


def processes() -> list[Process]:
    """All processes of this user that have not ended."""
    found = (_process(int(entry)) for entry in os.listdir("/proc") if entry.isdecimal())  # noqa: PTH208
    return [process for process in found if process is not None]


def _process(pid: int) -> Process | None:
    folder = Path("/proc") / str(pid)
    try:
        if folder.stat().st_uid != os.geteuid():
            return None
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        environment = (folder / "environ").read_bytes()
        command = (folder / "cmdline").read_bytes()
    except OSError:  # it has just ended, or is hidden
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return Process(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        started=int(fields[19]),
        stopped=fields[0] in (b"T", b"t"),
        memory=int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
        command=command.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace"),
        environment=_ours(environment),
    )


def _ours(environment: bytes) -> dict[str, str]:
    pairs = (entry.partition(b"=") for entry in environment.split(b"\0"))
    return {
        os.fsdecode(name): os.fsdecode(value)
        for name, _, value in pairs
        if name in (MARK.encode(), OWNER.encode(), GUARD.encode())
    }


def identity(pid: int) -> str:
    """PID:STARTED of a process of this user, which is never reused; empty if there is none."""
    process = _process(pid)
    return f"{pid}:{process.started}" if process else ""


def is_alive(owner: str) -> bool:
    """Whether the process with that identity is alive."""
    pid = owner.partition(":")[0]
    return pid.isdecimal() and identity(int(pid)) == owner


def marked(mark: str, owner: str = "") -> list[Process]:
    """The processes with the mark (and `owner`), and their children, without guards."""
    everything = processes()
    ours = {
        one.pid: one
        for one in everything
        if one.environment.get(MARK) == mark
        and GUARD not in one.environment
        and (not owner or one.environment.get(OWNER) == owner)
    }
    # Each was started in a session of the server's own.
    sessions = {one.session for one in ours.values()}
    ours |= {one.pid: one for one in everything if one.session in sessions}
    while new := {one.pid: one for one in everything if one.parent in ours and one.pid not in ours}:
        ours |= new
    return sorted(ours.values(), key=lambda one: one.started)


def guards(mark: str, owner: str = "") -> list[Process]:
    """The guards of the servers that `marked` finds."""
    return [
        one
        for one in processes()
        if one.environment.get(MARK) == mark
        and GUARD in one.environment
        and (not owner or one.environment.get(OWNER) == owner)
    ]


def end(find: Callable[[], Sequence[Process]], first: int, grace: float) -> Sequence[Process]:
    """Stop the processes that `find` finds, until it finds none; returns those still running.

    Asks the process `first` to end, and then those that it leaves behind. Kills what has not ended
    `grace` seconds later, or ALONE seconds after the first (if sooner). Wakes a stopped process,
    because it receives no other signal.
    """
    begun = time.monotonic()
    alone: float | None = None
    asked = set[int]()
    while left := find():
        now = time.monotonic()
        if alone is None and all(one.pid != first for one in left):
            alone = now
        late = now - begun >= grace or (alone is not None and now - alone >= min(grace, ALONE))
        if now - begun > grace + LAST:
            return left
        for one in left:
            if late:
                _send(one, signal.SIGKILL)
            elif one.pid not in asked and (alone is not None or one.pid == first):
                asked.add(one.pid)
                _send(one, signal.SIGTERM)
            if one.stopped:
                _send(one, signal.SIGCONT)
        time.sleep(PAUSE)
    return ()


def _send(process: Process, number: signal.Signals) -> None:
    # Checked again: by now it may have ended, and its id may belong to another process.
    if identity(process.pid) == f"{process.pid}:{process.started}":
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
