"""What all methods share when they are run on a dataset: flags, run.json, and the run itself."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from .atomic import writable_folder
from .benchmarks import BENCHMARKS, benchmark_source, load_benchmark
from .cli import (
    above_zero,
    add_data_flags,
    add_logs_dir,
    data_source,
    positive,
    seed,
    temperature,
    top_p,
)
from .client_processes import Solve, solve_in_processes
from .datasets_io import DataSource, load_problems
from .errors import InputError
from .locks import locked
from .open_files import MOST_CONNECTIONS, OF_A_CONNECTION, fitting
from .prompts import prompt_hash
from .results import Layout, ResultFolder
from .run_record import fingerprint, versions
from .runner import solve_all

SettingsT = TypeVar("SettingsT")


@dataclass(frozen=True)
class Method:
    """A method as tables and folders know it. `prompts`: the texts that it sends, by name."""

    name: str
    model: str
    settings: Any
    prompts: Mapping[str, str]
    layout: Layout
    folder: Path
    """Where its datasets' folders lie."""
    more: Mapping[str, Any]
    """What else run.json should say."""
    servers: Mapping[str, str]
    """The URLs of the servers, by role."""
    calls_at_once: int = 1
    """Calls of one problem that may be in flight at a time."""


def add_evaluation_flags(parser: argparse.ArgumentParser, settings: Any) -> None:
    """Flags of every method; defaults of sampling come from `settings`, a settings class."""
    add_data_flags(parser, "test", required=False, thoughts=False)
    parser.add_argument(
        "--benchmark",
        choices=sorted(BENCHMARKS),
        help="a benchmark by its name, in place of --test_hub_path, or beside it for a copy",
    )
    parser.add_argument(
        "--benchmark_seed",
        type=seed,
        default=0,
        help="draws the order of GPQA's options, and the problems that are made here",
    )
    add_logs_dir(parser)
    parser.add_argument("--tokenizer", help="for counting tokens; the model by default")
    parser.add_argument("--num_workers", type=positive, default=1, help="problems in flight")
    parser.add_argument(
        "--temperature", type=temperature, default=settings.temperature, help="0 = greedy"
    )
    parser.add_argument("--top_p", type=top_p, default=settings.top_p, help="share of probability")
    parser.add_argument(
        "--max_attempts",
        type=positive,
        default=settings.max_attempts,
        help="replies without use after which one counts as missing; failed calls count apart",
    )
    parser.add_argument(
        "--client_processes",
        type=positive,
        default=1,
        help="processes of the client; one keeps some hundreds of streams fed",
    )
    parser.add_argument(
        "--timeout",
        type=above_zero,
        default=600.0,
        help="seconds without text after which a call has failed",
    )


def settings_from(kind: type[SettingsT], arguments: argparse.Namespace) -> SettingsT:
    """A settings object from the flags of the same names."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: getattr(arguments, name) for name in names})


async def evaluate(
    arguments: argparse.Namespace,
    method: Method,
    solver: Callable[[], AbstractAsyncContextManager[Solve]],
) -> None:
    """Solve what is missing in the method's folder, and say where the results are.

    `solver` gives what solves problems, in a block; it is entered when data and folder are known
    to be good, in each of the client's processes, so it has to be picklable.
    """
    source = test_source(arguments)
    problems = (
        load_benchmark(arguments.benchmark, source, arguments.benchmark_seed)
        if arguments.benchmark
        else load_problems(source)
    )
    in_a_process = math.ceil(arguments.num_workers / arguments.client_processes)
    calls = min(in_a_process * method.calls_at_once, MOST_CONNECTIONS)
    fitting(calls, OF_A_CONNECTION, f"--num_workers {arguments.num_workers}")
    path = writable_folder(method.folder / source.folder_name)
    with locked(path.with_name(f".{path.name}.lock"), f"the results in {path}"):
        folder = ResultFolder(path, method.layout, configuration(arguments, method, len(problems)))
        try:
            processes = max(1, min(arguments.client_processes, len(problems)))
            async with solve_in_processes(solver, processes) as solve:
                await solve_all(
                    problems, solve, folder, workers=arguments.num_workers, label=method.name
                )
        finally:
            marked, table = folder.marked, method.layout.csv_name
            print(f"Results: {path}")
            if marked:
                print(f"{marked} problems are marked in the column Faults of {table}.")


def test_source(arguments: argparse.Namespace) -> DataSource:
    """The test set that the flags name. Raises InputError where they name none, or do not agree."""
    if not arguments.hub_path and not arguments.benchmark:
        raise InputError("No test set: give --test_hub_path, or --benchmark with a name.")
    given = data_source(arguments)
    if not arguments.benchmark:
        return given
    return benchmark_source(arguments.benchmark, given, arguments.benchmark_seed)


def configuration(arguments: argparse.Namespace, method: Method, problems: int) -> dict[str, Any]:
    """What stands in run.json. `problems`: how many the run is to solve."""
    source = test_source(arguments)
    data: dict[str, Any] = {
        "hub_path": source.hub_path,
        "subset": source.subset,
        "split": source.split,
    }
    if source.named_columns:
        data["columns"] = source.named_columns
    if arguments.benchmark:
        data |= {"benchmark": arguments.benchmark, "benchmark_seed": arguments.benchmark_seed}
    return {
        "method": method.name,
        "model": method.model,
        "model_files": fingerprint(method.model),
        **method.more,
        "tokenizer": arguments.tokenizer or method.model,
        "data": data,
        "settings": asdict(method.settings),
        "range": source.rows,
        "problems": problems,
        "servers": method.servers,
        "num_workers": arguments.num_workers,
        "client_processes": arguments.client_processes,
        "prompts": {name: prompt_hash(text) for name, text in method.prompts.items()},
        "versions": versions(),
    }
