"""Price lists: prices of a server, where they come from, and how well they fit. JSON files.

Lists in the folder `assumed/` of this package are not measured, and say so.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import InputError
from ..files.json_file import DamagedError, read_object
from .priced_path import TimePrices

ASSUMED = Path(__file__).parent / "assumed"
ADVICE = "write it again with 'sprint prices FOLDER'"
_Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class PricesOfServer(BaseModel):
    """Seconds, as in `priced_path.py`."""

    model_config = ConfigDict(frozen=True)

    token: Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]
    prompt_token: _Seconds = 0.0
    further_stream: _Seconds = 0.0
    call: _Seconds = 0.0


class PathQuality(BaseModel):
    """Priced against measured seconds, one pair a problem.

    Errors are |priced - measured| / measured; half of the problems are within `median_error`, 90 %
    within `error_90`. `ratio` is the sum of the priced over that of the measured. `correlation` is
    None for fewer than three problems, or equal ones.
    """

    model_config = ConfigDict(frozen=True)

    problems: int
    correlation: float | None
    median_error: float
    error_90: float
    ratio: float


class FitQuality(BaseModel):
    """How well prices fit the calls of a run.

    `residual_median` and `residual_90` are absolute residuals of calls in seconds. `uncertainty`
    has the standard error of each price in seconds, None for a price without any call that shows
    it; `undetermined` names the prices that the ledger does not show. `at_once`: problems in
    flight, 0 if unknown.
    """

    model_config = ConfigDict(frozen=True)

    calls: int
    r2: float
    residual_median: float
    residual_90: float
    uncertainty: dict[str, float | None]
    undetermined: tuple[str, ...]
    at_once: int
    critical_path: PathQuality
    wall_clock: PathQuality | None


class PriceList(BaseModel):
    """A price list. `source`: the result folder it was fitted to, or what an assumption is from.

    `fit` is None for assumed prices.
    """

    model_config = ConfigDict(frozen=True)

    prices: PricesOfServer
    assumed: bool
    source: str
    model: str
    server: str
    hardware: str
    date: str
    fit: FitQuality | None = None

    @property
    def time_prices(self) -> TimePrices:
        return TimePrices(**self.prices.model_dump())

    @property
    def title(self) -> str:
        """What a table calls these prices."""
        kind = "assumed prices" if self.assumed else "prices"
        return f"{kind} of {self.model or 'an unnamed model'} on {self.hardware or 'a server'}"


def time_prices_of(name: str | None) -> TimePrices | None:
    """The prices of a list, if one is named. Raises InputError like `load_prices`."""
    return load_prices(name).time_prices if name is not None else None


def load_prices(name: str | Path) -> PriceList:
    """The price list in a file, or the assumed one with that name. InputError if there is none."""
    path = Path(name)
    if not path.is_file():
        assumed = {file.stem: file for file in ASSUMED.glob("*.json")}
        if str(name) not in assumed:
            raise InputError(
                f"Expected the file of a price list or one of {', '.join(sorted(assumed))}, not "
                f"{str(name)[:200]!r}: 'sprint prices FOLDER' writes one from a run."
            )
        path = assumed[str(name)]
    try:
        return PriceList.model_validate(read_object(path, ADVICE))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DamagedError(path, f"{place}: {first['msg']}", ADVICE) from error


def milliseconds(seconds: float) -> str:
    """With three significant digits: `4.24 ms`."""
    value = 1000 * seconds
    digits = 2 if value == 0 else max(0, 2 - math.floor(math.log10(value)))
    return f"{value:.{min(digits, 6)}f} ms"
