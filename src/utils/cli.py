"""What the command lines of all stages share: environment, flags, and how errors end."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from .data.source import COLUMN_ROLES, FIRST_COMPLETE, FIRST_CORRECT, DataSource
from .dot_env import load_dot_env
from .errors import SprintError
from .processes import core_count
from .shards import Shard, parse_shard
from .signals import as_ctrl_c, outliving_its_readers
from .terminal import guard_terminal, one_line, start_log

MOST = 10**9
"""The largest number that a flag takes: a larger one is a typing error."""

HOTTEST = 2.0
"""The highest temperature that the OpenAI API takes."""

GOES_ON = "The same command goes on where this one ended."


def run_main(main: Callable[[], None], when_stopped: str = GOES_ON) -> None:
    """Run a command: a SprintError becomes one sentence and exit code 2.

    Ctrl-C, SIGTERM (from a cluster's scheduler, or `timeout`) and SIGHUP (a closed terminal) become
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


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with a flag."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"Error: {one_line(message)} (--help explains every flag).\n")


def make_parser(description: str | None, *, add_help: bool = True) -> argparse.ArgumentParser:
    """A parser whose --help shows the module's docstring and every default."""
    return _Parser(
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        add_help=add_help,
    )


def positive(text: str) -> int:
    """The type of flags that count something: a whole number from 1 on."""
    value = _whole(text)
    if not value:
        raise _expected(f"a whole number from 1 to {MOST}", text)
    return value


def whole(text: str) -> int:
    """The type of flags that may be switched off by 0: a whole number from 0 on."""
    value = _whole(text)
    if value is None:
        raise _expected(f"a whole number from 0 to {MOST}", text)
    return value


def seed(text: str) -> int:
    """The type of seeds: a whole number that every generator takes."""
    value = _whole(text, (1 << 32) - 1)
    if value is None:
        raise _expected("a whole number from 0 to 2^32 - 1", text)
    return value


def above_zero(text: str) -> float:
    value = not_negative(text)
    if not value:
        raise _expected("a number above 0", text)
    return value


def share(text: str) -> float:
    value = _number(text)
    if value is None or value > 1:
        raise _expected("a share from 0 to 1", text)
    return value


def top_p(text: str) -> float:
    value = _number(text)
    if not value or value > 1:
        raise _expected("a share above 0, up to 1", text)
    return value


def temperature(text: str) -> float:
    value = _number(text)
    if value is None or value > HOTTEST:
        raise _expected(f"a number from 0 to {HOTTEST:g}", text)
    return value


def not_negative(text: str) -> float:
    """The type of flags that measure something: a number from 0 on."""
    value = _number(text)
    if value is None:
        raise _expected(f"a number from 0 to {MOST}", text)
    return value


def _expected(what: str, text: str) -> argparse.ArgumentTypeError:
    came = repr(text) if len(text) <= 40 else f"{text[:40]!r}..."
    return argparse.ArgumentTypeError(f"expected {what}, not {came}")


def _whole(text: str, most: int = MOST) -> int | None:
    """A whole number up to `most`, as it is usually written; None for anything else."""
    if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) > most:
        return None
    return int(text)


def _number(text: str) -> float | None:
    """A number from 0 to MOST, as it is usually written; None for anything else."""
    if not re.fullmatch(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?", text):
        return None
    value = float(text)
    return value if value <= MOST else None


def add_logs_dir(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--logs_dir",
        type=_folder,
        default=os.environ.get("LOGS_DIR") or "logs",
        help="folder of the logs; LOGS_DIR in the environment or .env",
    )


def _folder(text: str) -> Path:
    """The type of flags with a folder, which need not exist."""
    path = Path(text)
    try:
        taken = path.exists() and not path.is_dir()
    except PermissionError:
        taken = False  # the stage says that it may not write there
    except (OSError, ValueError):
        taken = True
    if taken or not text.strip():
        raise argparse.ArgumentTypeError(f"expected a folder, not {text[:200]!r}")
    return path


def add_data_flags(
    parser: argparse.ArgumentParser,
    prefix: str = "data",
    *,
    required: bool = True,
    thoughts: bool = True,
) -> None:
    """--<prefix>_hub_path, --subset, --split, --range and the flags of the columns."""
    parser.add_argument(
        f"--{prefix}_hub_path",
        dest="hub_path",
        required=required,
        help="dataset: a name on the hub, a folder, or a .jsonl/.json/.parquet/.csv/.tsv file",
    )
    parser.add_argument("--subset", default="default", help="subset (configuration) of the dataset")
    parser.add_argument(
        "--split", default="default", help="split; 'default' for datasets that need no choice"
    )
    parser.add_argument(
        "--range", dest="rows", default=":", help="rows FIRST:LAST, LAST excluded; ':' = all"
    )
    for role in COLUMN_ROLES:
        if thoughts or role != "thought":
            parser.add_argument(
                f"--{role}_column",
                default="",
                help=f"column with the {role}, or a place within one, such as messages.1.content; "
                "by default found by the usual names",
            )
    if thoughts:
        parser.add_argument(
            "--generation",
            type=_generation,
            default=FIRST_CORRECT,
            help="which thought of several: first_correct (the first that the dataset marks so, "
            "else the first complete one), first_complete, or a number from 0 on",
        )


def _generation(text: str) -> str:
    if text not in (FIRST_CORRECT, FIRST_COMPLETE) and not re.fullmatch(r"[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(
            f"expected {FIRST_CORRECT}, {FIRST_COMPLETE} or a number from 0 on, not {text!r}"
        )
    return text


def add_scale_flags(parser: argparse.ArgumentParser) -> None:
    """--shard and --num_processes."""
    parser.add_argument(
        "--shard",
        type=parse_shard,
        default=Shard(),
        help="share NUMBER/COUNT of the rows of --range, such as 3/16, for runs on many machines "
        "that share the logs folder",
    )
    parser.add_argument(
        "--num_processes",
        type=positive,
        default=core_count(),
        help="processes for what needs no model server; results do not depend on it",
    )


def data_source(arguments: argparse.Namespace) -> DataSource:
    return DataSource(
        hub_path=arguments.hub_path or "",  # a benchmark by its name has none
        subset=arguments.subset,
        split=arguments.split,
        rows=arguments.rows,
        generation=getattr(arguments, "generation", FIRST_CORRECT),
        **{f"{role}_column": getattr(arguments, f"{role}_column", "") for role in COLUMN_ROLES},
    )


def sibling_folder(logs_dir: Path, ending: str) -> Path:
    """The folder beside LOGS_DIR that has its name and `ending`: logs -> logs_full_trajectory."""
    whole = Path(os.path.normpath(logs_dir.absolute()))
    parent = logs_dir.parent if logs_dir.name == whole.name else whole.parent
    return parent / f"{whole.name}{ending}"
