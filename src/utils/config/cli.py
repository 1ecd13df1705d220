"""Shared by all command lines: environment, flags and error handling."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ..concurrency.signals import as_ctrl_c, outliving_its_readers
from ..errors import SprintError
from .base import Config
from .dot_env import load_dot_env
from .flags import from_command_line
from .safe_output import guard_terminal, one_line, start_log

GOES_ON = "Run the same command again to continue."


def main_of(kind: type[Config]) -> Callable[[], None]:
    """The command of a configuration, whose package has a `run` for it.

    The stage is imported after the command line is parsed, so that --help is fast.
    """

    def main() -> None:
        config = from_command_line(kind)
        importlib.import_module(kind.__module__.rpartition(".")[0]).run(config)

    return main


def run_main(main: Callable[[], None], when_stopped: str = GOES_ON) -> None:
    """Run a command. A SprintError becomes one sentence and exit code 2.

    Ctrl-C, SIGTERM, SIGHUP and the other signals that ask the process to end (see signals.py) print
    `when_stopped`, which says how to continue, and give exit code 130. If nobody reads the output
    any more, it is dropped and the work continues.
    """
    guard_terminal()  # permanently: a traceback is shown after the block below
    with outliving_its_readers():
        _run(main, when_stopped)


def _run(main: Callable[[], None], when_stopped: str) -> None:
    start_log()
    try:
        load_dot_env()
        with as_ctrl_c():
            main()
    except SprintError as error:
        print(f"Error: {one_line(str(error))}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"Error: {one_line(of_the_system(error))}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print(f"Stopped. {when_stopped}", file=sys.stderr)
        sys.exit(130)


def of_the_system(error: OSError) -> str:
    """One sentence for an operating system error: the file, what is wrong and what to do."""
    names = [os.fsdecode(it) for it in (error.filename, error.filename2) if it is not None]
    where = " and ".join(map(repr, names)) if names else "a file or connection"
    return (
        f"The system refuses {where}: {error.strerror or error} (errno {error.errno}). Free up "
        "space, permissions or file handles and run the same command again; finished work is kept."
    )


def sibling_folder(logs_dir: Path, ending: str) -> Path:
    """The folder next to LOGS_DIR with its name plus `ending`: logs -> logs_full_trajectory."""
    whole = Path(os.path.normpath(logs_dir.absolute()))
    parent = logs_dir.parent if logs_dir.name == whole.name else whole.parent
    return parent / f"{whole.name}{ending}"
