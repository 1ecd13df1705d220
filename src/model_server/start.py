"""Starts a server under its guard and waits until it is ready."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ..utils.concurrency.signals import ENDING, signals_held
from ..utils.config.safe_output import one_line
from ..utils.errors import InputError, SprintError
from ..utils.files.locks import locked
from .process_tree import ALONE, GUARD, MARK, OWNER, PAUSE, marked, processes
from .server_folder import ServerFolder, advice, stop
from .watcher import READY

UNANSWERED = 3.0
"""Seconds after which a server that does not answer cannot be a start that was just killed."""
REASON = 300
"""Characters of a log's last error that are shown."""


class StartInterrupted(KeyboardInterrupt):
    """Signal `number` arrived before the server was ready. Nothing of it is left."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def start(
    server: ServerFolder, timeout: float, grace: float, owner: str, command: Sequence[str]
) -> None:
    """Start the server `command`. On return it is ready; after an error nothing of it is left.

    A server with an `owner` ends with that process. Raises InputError if the port is in use,
    SprintError if the server is not ready after `timeout` seconds, and StartInterrupted.
    """
    try:
        server.folder.mkdir(parents=True, exist_ok=True)
        (server.folder / f"{server.port}.log").touch()
    except OSError as error:
        raise InputError(
            f"cannot write {server.folder} ({error.strerror}): set SERVER_DIR."
        ) from error
    lock = server.folder / f"{server.port}.lock"
    with _interruptible(), locked(lock, f"the server on port {server.port}"):
        _make_room(server, grace)
        server.log.replace(server.log.with_suffix(".log.1"))
        guard = _start_guard(server, grace, owner, command)
        assert guard.stdin is not None
        try:
            _wait(server, timeout, guard)
            os.write(guard.stdin.fileno(), READY)
        except BaseException:
            _ignore_signals()
            guard.stdin.close()
            stop(server, grace, owner)
            raise


@contextmanager
def _interruptible() -> Iterator[None]:
    def interrupt(number: int, _: FrameType | None) -> NoReturn:
        _ignore_signals()
        raise StartInterrupted(number)

    for number in ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, interrupt)
    yield


def _ignore_signals() -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _start_guard(
    server: ServerFolder, grace: float, owner: str, command: Sequence[str]
) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        MARK: server.mark,
        GUARD: "yes",
        OWNER: owner,
        # vLLM sets process titles, which would overwrite the mark.
        "SPT_NOENV": "1",
    }
    words = [f"--folder={server.folder}", f"--port={server.port}", f"--grace={grace}"]
    # Signals are held: either the guard is known here, or there is none.
    with server.log.open("wb") as log, signals_held():
        return subprocess.Popen(
            [sys.executable, "-m", __package__, "guard", *words, "--", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )


def _wait(server: ServerFolder, timeout: float, guard: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while not server.is_ready():
        if guard.poll() is not None:
            raise SprintError(
                f"the server ended before it was ready; see {server.log}. "
                f"Its last error: {_reason(server.log)}"
            )
        if time.monotonic() - begun >= timeout:
            raise SprintError(
                f"the server was not ready after {timeout:g} s and has been stopped; see "
                f"{server.log}, or raise TIMEOUT."
            )
        time.sleep(PAUSE)


def _reason(log: Path) -> str:
    """The last error in a log, or its last line."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - (1 << 20)))
        lines = file.read().decode(errors="replace").splitlines()
    line = ([line for line in lines if re.search("Error|error:", line)] or lines or ["nothing"])[-1]
    return one_line(line[:REASON])


def _make_room(server: ServerFolder, grace: float) -> None:
    """Stop what an earlier server left. Raises InputError if one runs or the port is in use."""
    deadline = time.monotonic() + UNANSWERED
    while server.runs():
        if server.is_ready() or time.monotonic() >= deadline:
            raise InputError(
                f"a server already runs on port {server.port}: stop it with "
                f"'{advice(server.mark)}', or set another PORT."
            )
        time.sleep(PAUSE)
    if left := marked(server.mark):
        names = ", ".join(one.name for one in left)
        print(f"Stopping what an earlier server left on port {server.port}: {names}", flush=True)
    stop(server, min(grace, ALONE), "")
    _check_port(server)


def _check_port(server: ServerFolder) -> None:
    try:
        addresses = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise InputError(f"HOST is {server.host!r}, not a valid address ({error}).") from error
    for family, kind, protocol, _, address in addresses:
        with socket.socket(family, kind, protocol) as probe:
            # As a server does: connections that are just closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
                probe.listen()
            except OSError as error:
                raise InputError(
                    f"another program uses port {server.port} of {server.host} "
                    f"({_holder(server.port) or error.strerror}): set another PORT."
                ) from error


def _holder(port: int) -> str:
    """The process of this user that listens on `port`; empty if none is found."""
    sockets = set[str]()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port:
                    sockets.add(f"socket:[{words[9]}]")
    for process in processes():
        with suppress(OSError):
            for handle in Path(f"/proc/{process.pid}/fd").iterdir():
                if str(handle.readlink()) in sockets:
                    mark = process.environment.get(MARK)
                    how = f"; to stop it: {advice(mark)}" if mark else ""
                    return f"process {process.name}{how}"
    return ""
