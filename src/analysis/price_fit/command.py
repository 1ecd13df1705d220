"""Runs `sprint prices`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from ...utils.errors import InputError
from ...utils.files.atomic import write_json
from ...utils.latency.fitting import fit_prices, path_quality, wall_clock_quality
from ...utils.latency.hardware import hardware_of
from ...utils.latency.price_list import PriceList, PricesOfServer, load_prices
from ...utils.records import Call
from ...utils.results.calls import calls_by_problem, read_calls
from ...utils.results.reading import read_run_info, wall_clocks
from .config import PricesConfig
from .price_text import check_text, fit_text


def run(config: PricesConfig) -> None:
    """Fit prices, print and write them; or print how well a price list fits the run."""
    calls, elapsed = _calls(config.folder), wall_clocks(config.folder)
    if config.check is not None:
        checked = load_prices(config.check)
        path = path_quality(calls, checked.time_prices)
        clock = wall_clock_quality(calls, elapsed, checked.time_prices)
        at_once = read_run_info(config.folder).at_once
        print(check_text(checked, config.folder, path, clock, at_once), end="")
        return
    found = fitted(config.folder, calls, elapsed, config.hardware)
    write_json(config.output, found.model_dump(mode="json"))
    print(fit_text(found), end="")
    print(f"In {config.output}")


def fitted(
    folder: Path,
    calls: Mapping[str, Sequence[Call]],
    elapsed: Mapping[str, float],
    hardware: str | None = None,
) -> PriceList:
    """The price list of a run. Raises InputError if its calls cannot be priced."""
    info = read_run_info(folder)
    found = fit_prices(calls, elapsed, info.at_once)
    servers = sorted({call.server for mine in calls.values() for call in mine if call.server})
    return PriceList(
        prices=PricesOfServer(**found.prices._asdict()),
        assumed=False,
        source=f"{folder}",
        model=info.model,
        server=", ".join(servers),
        hardware=hardware_of(servers) if hardware is None else hardware,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        fit=found.quality,
    )


def _calls(folder: Path) -> Mapping[str, Sequence[Call]]:
    calls = calls_by_problem(read_calls(folder))
    if not calls:
        raise InputError(f"{folder} has no calls.jsonl: only runs of this package have a ledger.")
    return calls
