"""The processes of a server of ours, found in /proc by a mark in their environment, and their end.

A mark is inherited by whatever the server starts, into whatever session and under whatever parent,
and no process of anybody else has it, so a process id that is used again is never taken for ours.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..utils.config.terminal import one_line

MARK = "SPRINT_SERVER"
"""The variable of the mark: PORT:FOLDER."""
OWNER = "SPRINT_SERVER_OWNER"
"""The variable that names the script whose server it is, as PID:STARTED."""
GUARD = "SPRINT_SERVER_GUARD"
"""The variable that the guard of a server alone has."""

PAUSE = 0.1
"""Seconds between two looks at /proc: nothing tells when a process of another parent ends."""
ALONE = 5.0
"""Seconds that the others have to end once the server's first process is gone."""
LAST = 30.0
"""Seconds that a killed process may need, for a GPU to let go of it."""


@dataclass(frozen=True)
class Process:
    """A process of this user; `started` in clock ticks since the machine's start."""

    pid: int
    parent: int
    session: int
    started: int
    stopped: bool
    memory: int
    """Bytes."""
    command: str
    environment: dict[str, str]
    """Of it, the three variables above."""

    @property
    def name(self) -> str:
        stopped = ", stopped" if self.stopped else ""
        # A command line is whatever its process says.
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
    except OSError:  # it has just ended, or hides
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
    """PID:STARTED of a process of this user, which no other one will ever have; else empty."""
    process = _process(pid)
    return f"{pid}:{process.started}" if process else ""


def is_alive(owner: str) -> bool:
    """Whether the process of that identity lives."""
    pid = owner.partition(":")[0]
    return pid.isdecimal() and identity(int(pid)) == owner


def marked(mark: str, owner: str = "") -> list[Process]:
    """The processes that bear the mark (and are `owner`'s), and what they started; no guard."""
    everything = processes()
    ours = {
        one.pid: one
        for one in everything
        if one.environment.get(MARK) == mark
        and GUARD not in one.environment
        and (not owner or one.environment.get(OWNER) == owner)
    }
    # Each was started in a session that is the server's alone.
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
    """End the processes that `find` finds, until it finds none; what is left after all is returned.

    The one with the id `first` is asked to end, and then those that it leaves behind. What has not
    ended `grace` seconds later, or ALONE seconds after the first (if sooner), is killed. A stopped
    process is woken up, since it hears nothing else.
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
    # Looked at again: by now it may have ended, and its id belong to another one.
    if identity(process.pid) == f"{process.pid}:{process.started}":
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
