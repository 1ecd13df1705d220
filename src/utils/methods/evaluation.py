"""Runs a method on a dataset: run.json, and the run itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..concurrency.open_files import MOST_CONNECTIONS, OF_A_CONNECTION, fitting
from ..config import RECORD, Config, record
from ..data.loading import DataSource, load_problems
from ..errors import InputError
from ..files.atomic import writable_folder
from ..files.locks import locked
from ..files.run_record import fingerprint, versions
from ..prompt_files import prompt_hash
from ..results.writing import FolderLayout, ResultFolder
from .benchmarks import benchmark_source, load_benchmark
from .client_processes import Solve, solve_in_processes
from .config import EvaluationConfig, ProblemsConfig
from .runner import solve_all


@dataclass(frozen=True)
class Method:
    """A method's names in tables and folders. `prompts`: the texts that it sends, by name."""

    name: str
    model: str
    settings: Config
    prompts: Mapping[str, str]
    layout: FolderLayout
    folder: Path
    """The parent folder of its datasets' folders."""
    more: Mapping[str, Any]
    """Further entries for run.json."""
    servers: Mapping[str, str]
    """The URLs of the servers, by role."""
    calls_at_once: int = 1
    """Concurrent calls of one problem."""


async def evaluate(
    config: EvaluationConfig,
    method: Method,
    solver: Callable[[], AbstractAsyncContextManager[Solve]],
) -> None:
    """Solve the problems missing from the method's folder, and print where the results are.

    `solver` gives the problem solver, in a block; it is entered once data and folder are valid, in
    each of the client's processes, so it must be picklable.
    """
    source = test_source(config)
    problems = (
        load_benchmark(config.benchmark, source, config.benchmark_seed)
        if config.benchmark
        else load_problems(source)
    )
    in_a_process = math.ceil(config.num_workers / config.client_processes)
    calls = min(in_a_process * method.calls_at_once, MOST_CONNECTIONS)
    fitting(calls, OF_A_CONNECTION, f"--num_workers {config.num_workers}")
    path = writable_folder(method.folder / source.folder_name)
    with locked(path.with_name(f".{path.name}.lock"), f"the results in {path}"):
        folder = ResultFolder(path, method.layout, configuration(config, method, len(problems)))
        try:
            processes = max(1, min(config.client_processes, len(problems)))
            async with solve_in_processes(solver, processes) as solve:
                await solve_all(
                    problems, solve, folder, workers=config.num_workers, label=method.name
                )
        finally:
            marked, table = folder.marked, method.layout.csv_name
            print(f"Results: {path}")
            if marked:
                print(f"{marked} problems are marked in the column Faults of {table}.")


def test_source(config: ProblemsConfig) -> DataSource:
    """The test set from the flags. Raises InputError if there is none, or they conflict."""
    if not config.test_hub_path and not config.benchmark:
        raise InputError("No test set: give --test_hub_path, or --benchmark with a name.")
    given = config.source_of(config.test_hub_path)
    if not config.benchmark:
        return given
    return benchmark_source(config.benchmark, given, config.benchmark_seed)


def configuration(config: EvaluationConfig, method: Method, problems: int) -> dict[str, Any]:
    """The content of run.json. `problems`: how many the run will solve."""
    source = test_source(config)
    data: dict[str, Any] = {
        "hub_path": source.hub_path,
        "subset": source.subset,
        "split": source.split,
    }
    if source.named_columns:
        data["columns"] = source.named_columns
    if config.benchmark:
        data |= {"benchmark": config.benchmark, "benchmark_seed": config.benchmark_seed}
    return {
        "method": method.name,
        "model": method.model,
        "model_files": fingerprint(method.model),
        **method.more,
        "tokenizer": config.tokenizer or method.model,
        "data": data,
        "settings": method.settings.model_dump(),
        "range": source.rows,
        "problems": problems,
        "servers": method.servers,
        "num_workers": config.num_workers,
        "client_processes": config.client_processes,
        "prompts": {name: prompt_hash(text) for name, text in method.prompts.items()},
        "versions": versions(),
        RECORD: record(config),
    }
