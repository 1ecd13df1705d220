"""Starts and stops servers for run/run_server.sh and the scripts that start their own servers."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from ..utils.concurrency.signals import outliving_its_readers
from ..utils.config import from_command_line
from ..utils.config.safe_output import guard_terminal, one_line
from ..utils.errors import InputError, SprintError
from .config import ServerConfig
from .server_folder import ServerFolder, show_status, stop
from .start import StartInterrupted, start
from .watcher import guard

PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


def run_stage(owner: int, command: Sequence[str]) -> NoReturn:
    """Become `command`, which gets SIGTERM when its parent, the process `owner`, ends."""
    ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != owner:
        raise SprintError("the script that started this stage has ended.")
    try:
        os.execvp(command[0], list(command))
    except OSError as error:
        raise InputError(f"cannot run {command[0]}: {error.strerror}.") from error


def main() -> int:
    words = sys.argv[1:]
    # The command to start is after the first "--"; argparse does not read it.
    here = words.index("--") if "--" in words else len(words)
    config, command = from_command_line(ServerConfig, words[:here]), words[here + 1 :]
    server = ServerFolder(config.folder, config.host, config.port)
    match config.action:
        case "stage":
            run_stage(int(config.owner.partition(":")[0]), command)
        case "guard":
            guard(server, config.grace, command)
        case "status":
            return show_status(server)
        case "stop":
            if stop(server, config.grace, config.owner):
                print(f"The server on port {server.port} has stopped.")
            else:
                print(f"No server of this script runs on port {server.port}.")
        case _:
            begun = time.monotonic()
            print(f"Port {server.port}, log {server.log}", flush=True)
            address = {"{host}": server.host, "{port}": f"{server.port}"}
            command = [address.get(word, word) for word in command]
            start(server, config.timeout, config.grace, config.owner, command)
            print(f"Ready after {time.monotonic() - begun:.0f} s: {server.url}/v1")
    return 0


if __name__ == "__main__":
    guard_terminal()
    with outliving_its_readers():
        try:
            sys.exit(main())
        except SprintError as error:
            print(f"Error: {one_line(str(error))}", file=sys.stderr)
            sys.exit(2)
        except StartInterrupted as error:
            print("Interrupted: the server has stopped.", file=sys.stderr)
            sys.exit(128 + error.number)
        except KeyboardInterrupt:
            print("Interrupted: 'sh run/run_server.sh status' shows what is left.", file=sys.stderr)
            sys.exit(130)
