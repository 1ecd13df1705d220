"""The folder and address of a server, its status, and stopping it."""

from __future__ import annotations

import shlex
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..utils.errors import SprintError
from .process_tree import (
    ALONE,
    GUARD,
    MARK,
    OWNER,
    Process,
    end,
    guards,
    is_alive,
    marked,
    processes,
)


@dataclass(frozen=True)
class ServerFolder:
    """The folder with a server's log and process id, and its address."""

    folder: Path
    host: str
    port: int

    @property
    def mark(self) -> str:
        return f"{self.port}:{self.folder.resolve()}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.port}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / f"{self.port}.pid"

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def first(self) -> int:
        """The id of the server's first process; 0 if it is not known."""
        try:
            return int(self.pid_file.read_text())
        except (OSError, ValueError):
            return 0

    def runs(self) -> bool:
        """Whether a server runs whose first process and owner are alive."""
        first = self.first()
        for one in marked(self.mark):
            if one.pid == first:
                owner = one.environment.get(OWNER, "")
                return not owner or is_alive(owner)
        return False

    def is_ready(self) -> bool:
        # Without a proxy, which would look for the server on its own machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with suppress(OSError, ValueError), direct.open(f"{self.url}/health", timeout=5):
            return True
        return False


def advice(mark: str) -> str:
    """The command that stops the server with this mark."""
    port, _, folder = mark.partition(":")
    with suppress(ValueError):
        folder = str(Path(folder).relative_to(Path.cwd()))
    return f"SERVER_DIR={shlex.quote(folder)} PORT={port} sh run/run_server.sh stop"


def stop(server: ServerFolder, grace: float, owner: str) -> bool:
    """Stop the server's processes and its guard; returns whether there were any.

    With `owner`, only a server of that owner. Processes that have not ended after `grace` seconds
    are killed. Raises SprintError if a process survives that.
    """

    def left() -> Sequence[Process]:
        return marked(server.mark, owner)

    def guarding() -> Sequence[Process]:
        return guards(server.mark, owner)

    there = False
    first = server.first()
    while left() or guarding():
        there = True
        if remaining := end(left, first, grace):
            names = ", ".join(one.name for one in remaining)
            raise SprintError(
                f"{len(remaining)} processes of the server on port {server.port} are still running "
                f"after SIGKILL; a GPU or a disk may block them: {names}"
            )
        # It ends by itself now, unless it was about to start the server.
        end(guarding, 0, ALONE)
    if not marked(server.mark):
        server.pid_file.unlink(missing_ok=True)
    return there


def show_status(server: ServerFolder) -> int:
    """Print the status of this server and of others; 0: ready, 1: not ready, 3: none."""
    there = marked(server.mark)
    code = 3
    if not there:
        print(f"No server of this script runs on port {server.port}.")
    elif not server.runs():
        code = 1
        print(f"An earlier server on port {server.port} left these processes ('stop' ends them):")
    else:
        code = 0 if server.is_ready() else 1
        print(f"The server on port {server.port} {'does not answer' if code else 'is ready'}:")
    for one in there:
        print(f"  {one.name}")
    others = {
        one.environment[MARK]
        for one in processes()
        if one.environment.get(MARK, server.mark) != server.mark and GUARD not in one.environment
    }
    for mark in sorted(others):
        print(f"Another server, with {len(marked(mark))} processes; to stop it: {advice(mark)}")
    return code
