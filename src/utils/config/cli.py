"""What the command lines of all stages share: environment, flags, and how errors end."""

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
from .terminal import guard_terminal, one_line, start_log

GOES_ON = "The same command goes on where this one ended."


def main_of(kind: type[Config]) -> Callable[[], None]:
    """The command of a configuration, whose package has a `run` for it.

    That is imported once the command line is read, so that --help is quick.
    """

    def main() -> None:
        config = from_command_line(kind)
        importlib.import_module(kind.__module__.rpartition(".")[0]).run(config)

    return main


def run_main(main: Callable[[], None], when_stopped: str = GOES_ON) -> None:
    """Run a command: a SprintError becomes one sentence and exit code 2.

    Ctrl-C, SIGTERM, SIGHUP and the other signals that ask to end (see signals.py) become
    `when_stopped`, which says how to go on, and exit code 130. Where nobody reads what is printed
    any more, it is dropped and the work goes on.
    """
    guard_terminal()  # for good: a traceback is shown when the block below has ended
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
    """One sentence for an error of the system: the file, what is wrong, and what to do."""
    names = [os.fsdecode(it) for it in (error.filename, error.filename2) if it is not None]
    where = " and ".join(map(repr, names)) if names else "a file or connection"
    return (
        f"The system refuses {where}: {error.strerror or error} (errno {error.errno}). Make room, "
        "rights or handles for it; what is finished is kept. Then give the same command again."
    )


def sibling_folder(logs_dir: Path, ending: str) -> Path:
    """The folder beside LOGS_DIR that has its name and `ending`: logs -> logs_full_trajectory."""
    whole = Path(os.path.normpath(logs_dir.absolute()))
    parent = logs_dir.parent if logs_dir.name == whole.name else whole.parent
    return parent / f"{whole.name}{ending}"
