"""The parent of a server, which stops everything the server leaves behind.

It does so when the server's first process ends, when the script that owns the server ends, or when
the start is interrupted, even by SIGKILL.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType

from ..utils.concurrency.signals import ENDING
from .process_tree import ALONE, GUARD, OWNER, PAUSE, Process, end, is_alive, marked
from .server_folder import ServerFolder

READY = b"r"
"""What the starting process writes to the guard's standard input when the server is ready."""
CHILD_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): the guard becomes the parent of the server's orphans."""


def guard(server: ServerFolder, grace: float, command: Sequence[str]) -> None:
    """Run the server `command` until it ends or must end, then until nothing is left."""
    ctypes.CDLL(None).prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in ENDING:
        signal.signal(number, _nothing)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    environment = {name: value for name, value in os.environ.items() if name != GUARD}
    first = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
    ).pid
    server.pid_file.write_text(f"{first}\n")
    ended_by_itself = _watch(first, os.environ.get(OWNER, ""))
    if server.first() == first:
        server.pid_file.unlink(missing_ok=True)

    def left() -> Sequence[Process]:
        _reap(first)
        return marked(server.mark)

    end(left, first, grace if ended_by_itself else min(grace, ALONE))
    _reap(first)


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler: unlike SIG_IGN, the guard's children do not inherit it."""


def _watch(first: int, owner: str) -> bool:
    """Wait until the server's first process ends; False if its owner or its start ended first."""
    completed = False
    while _reap(first):
        if owner and not is_alive(owner):
            return False
        if completed:
            time.sleep(PAUSE)
        elif select.select([0], [], [], PAUSE)[0]:
            completed = os.read(0, 1) == READY
            if not completed:
                return False
    return True


def _reap(first: int) -> bool:
    """Whether the process `first` is alive; reaps every child that has ended."""
    lives = True
    with suppress(ChildProcessError):
        while ended := os.waitpid(-1, os.WNOHANG)[0]:
            lives = lives and ended != first
        return lives
    return False
