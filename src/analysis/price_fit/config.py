"""The configuration of the fit of prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

from ...utils.config import Config, Positional


class PricesConfig(Config):
    """Fit prices of tokens and calls in seconds to a run, or check a price list against one.

    Prices are those of the run's server, model and hardware: use a run with one problem in flight
    (--num_workers 1) on an otherwise idle server. Writes them with the quality of the fit to a JSON
    file, which report, compare, view and prepare take as --prices.
    """

    command: ClassVar[str] = "prices"

    folder: Annotated[Path, Positional("FOLDER")]
    """Result folder with a ledger (calls.jsonl)."""
    check: str | None = None
    """Price list (a file, or the name of an assumed one) to compare with the run. Nothing is fitted
    and nothing written."""
    output: Path = Path("prices.json")
    """JSON file to write."""
    hardware: str | None = None
    """Hardware of the server, for the record. Default: this machine's, if the server is on it."""
