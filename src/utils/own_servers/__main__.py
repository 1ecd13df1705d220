"""What run/run_server.sh and the scripts with servers of their own are made of."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from ..cli import make_parser, not_negative, positive
from ..errors import InputError, SprintError
from ..signals import outliving_its_readers
from ..terminal import guard_terminal, one_line
from .guard import guard
from .place import Place, show_status, stop
from .processes import identity
from .start import StartInterrupted, start

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


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1 << 16:
        raise argparse.ArgumentTypeError(f"expected a port from 1 to 65535, not {text!r}")
    return int(text)


def _owner(text: str) -> str:
    """The identity of the process; empty if none is named."""
    if not text:
        return ""
    found = identity(positive(text))
    if not found:
        raise argparse.ArgumentTypeError(f"expected the id of a process of yours, not {text!r}")
    return found


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = make_parser(__doc__)
    parser.add_argument("action", choices=("start", "stop", "status", "guard", "stage"))
    parser.add_argument("--folder", type=Path, default=Path(".servers"), help="SERVER_DIR")
    parser.add_argument("--host", default="127.0.0.1", help="HOST")
    parser.add_argument("--port", type=_port, default=8000, help="PORT")
    parser.add_argument("--timeout", type=not_negative, default=600.0, help="TIMEOUT")
    parser.add_argument("--grace", type=not_negative, default=30.0, help="STOP_TIMEOUT")
    parser.add_argument("--owner", type=_owner, default="", help="SERVER_OWNER, a process id")
    return parser.parse_args(words)


def main() -> int:
    words = sys.argv[1:]
    # What is to be started stands behind the first "--", and is not argparse's to read.
    here = words.index("--") if "--" in words else len(words)
    arguments, command = _arguments(words[:here]), words[here + 1 :]
    place = Place(arguments.folder, arguments.host, arguments.port)
    match arguments.action:
        case "stage":
            run_stage(int(arguments.owner.partition(":")[0]), command)
        case "guard":
            guard(place, arguments.grace, command)
        case "status":
            return show_status(place)
        case "stop":
            if stop(place, arguments.grace, arguments.owner):
                print(f"The server on port {place.port} has stopped.")
            else:
                print(f"No server of this script runs on port {place.port}.")
        case _:
            begun = time.monotonic()
            start(place, arguments.timeout, arguments.grace, arguments.owner, command)
            print(f"Ready after {time.monotonic() - begun:.0f} s: {place.url}/v1")
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
            print("Interrupted: 'sh run/run_server.sh status' says what is left.", file=sys.stderr)
            sys.exit(130)
