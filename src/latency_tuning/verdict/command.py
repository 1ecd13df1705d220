"""Runs `sprint accept`."""

from __future__ import annotations

from pathlib import Path

from ...utils.errors import InputError
from ...utils.files.atomic import writable_folder, write_json
from ...utils.latency.folder_prices import priced_problems
from ...utils.latency.price_list import load_prices
from ...utils.latency.priced_path import TimePrices
from ...utils.results.calls import calls_by_problem, iterate_calls
from ...utils.results.reading import trajectory_files, without_texts
from ...utils.tokens.counting import TokenCounter
from ...utils.tokens.tokenizers import token_counter
from ..graded_rows import graded_rows
from .config import AcceptConfig
from .round_outcomes import Outcome, Paired, verdict_on


def run(config: AcceptConfig) -> None:
    """Print and write the verdict. InputError if the folders have not the same problems."""
    prices, count = load_prices(config.prices).time_prices, token_counter(config.tokenizer)
    before, after = (outcomes_of(folder, prices, count) for folder in (config.before, config.after))
    if different := before.keys() ^ after.keys():
        raise InputError(
            f"{len(different)} problems are in only one of {config.before} and {config.after}, "
            f"such as {min(different)}: solve the same problems with both models."
        )
    if not after:
        raise InputError(f"{config.before} and {config.after} have no problems.")
    pairs = [
        Paired(name, level, before[name][1], outcome) for name, (level, outcome) in after.items()
    ]
    found = verdict_on(pairs, config.max_loss)
    print(found.as_text())
    writable_folder(config.output.parent, "choose another --output")
    write_json(config.output, found.as_json())


def outcomes_of(
    folder: Path, prices: TimePrices, count: TokenCounter
) -> dict[str, tuple[str, Outcome]]:
    """The level and outcome of each problem of a result folder."""
    calls = calls_by_problem(iterate_calls(folder))
    priced = priced_problems(calls, trajectory_files(folder), count, prices)
    return {
        name: (row.get("Level", ""), Outcome(is_right, priced.get(name, 0.0)))
        for name, row, is_right in graded_rows(folder, without_texts)
    }
