"""Prices by least squares from the calls of a run, and how well they fit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import InputError
from ..records import Call
from ..results.critical_path import path_time
from .ledger_work import call_work, further_streams, ledger_rounds
from .price_list import FitQuality, PathQuality
from .priced_path import TimePrices, priced_seconds

WORTH_KNOWING = 0.1
"""A price might matter if its standard error makes that fraction of a mean call's time."""
CERTAIN = 2.0
"""Standard errors above 0 from which a price can be told from 0."""
PROMPT_TOKEN, FURTHER_STREAM = map(TimePrices._fields.index, ("prompt_token", "further_stream"))
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FittedPrices:
    prices: TimePrices
    quality: FitQuality


def fit_prices(
    calls: Mapping[str, Sequence[Call]], elapsed: Mapping[str, float], at_once: int = 0
) -> FittedPrices:
    """Prices for the kept calls of each problem; `elapsed` is the wall clock of each, if known.

    Raises InputError if there are too few calls, or if longer calls do not take longer.
    """
    rows, seconds = _observations(calls.values())
    if len(seconds) <= len(TimePrices._fields):
        raise InputError(
            f"Expected more than {len(TimePrices._fields)} kept calls to fit as many prices, found "
            f"{len(seconds)}: give a folder with more problems."
        )
    fit = _determined(rows, seconds)
    if not fit.found[0]:
        raise InputError(
            "Calls of this run do not take longer if they generate more tokens, so its tokens have "
            "no price: give a run with one problem in flight, on a server without other load."
        )
    prices = TimePrices(*map(float, fit.found))
    residuals = seconds - rows @ fit.found
    spread = float(((seconds - seconds.mean()) ** 2).sum())
    return FittedPrices(
        prices,
        FitQuality(
            calls=len(seconds),
            r2=1 - float((residuals**2).sum()) / spread if spread else 0.0,
            residual_median=float(np.median(np.abs(residuals))),
            residual_90=float(np.percentile(np.abs(residuals), 90)),
            uncertainty=dict(zip(TimePrices._fields, fit.errors, strict=True)),
            undetermined=tuple(TimePrices._fields[column] for column in fit.undetermined),
            at_once=at_once,
            critical_path=path_quality(calls, prices),
            wall_clock=wall_clock_quality(calls, elapsed, prices),
        ),
    )


def path_quality(calls: Mapping[str, Sequence[Call]], prices: TimePrices) -> PathQuality:
    """Priced paths against the seconds of calls on the measured critical paths."""
    return _quality(
        [
            (priced_seconds(ledger_rounds(mine), prices), path_time(mine, 0).calls)
            for mine in calls.values()
        ]
    )


def wall_clock_quality(
    calls: Mapping[str, Sequence[Call]], elapsed: Mapping[str, float], prices: TimePrices
) -> PathQuality | None:
    """Priced paths against the wall clock of problems; None if no problem has one."""
    pairs = [
        (priced_seconds(ledger_rounds(mine), prices), elapsed[name])
        for name, mine in calls.items()
        if elapsed.get(name, 0) > 0
    ]
    return _quality(pairs) if pairs else None


def _observations(problems: Iterable[Sequence[Call]]) -> tuple[_Floats, _Floats]:
    """A row for each kept call, with what each price is multiplied by; and the call's seconds."""
    rows, seconds = list[tuple[float, ...]](), list[float]()
    for calls in problems:
        for call, streams in zip(calls, further_streams(calls), strict=True):
            if call.kept and call.completion_tokens and call.finished > call.started:
                work = call_work(call)
                rows.append((work.generated, work.prompt, work.generated * streams, 1))
                seconds.append(call.finished - call.started)
    return np.array(rows, dtype=np.float64).reshape(-1, 4), np.array(seconds, dtype=np.float64)


def non_negative(rows: _Floats, seconds: _Floats) -> _Floats:
    """Least squares without negative prices.

    The best non-negative solution is the unrestricted one on the columns that it uses, so that the
    best of those over all sets of columns is it; there are only 15 sets.
    """
    best, least = np.zeros(rows.shape[1]), float((seconds**2).sum())
    for size in range(1, rows.shape[1] + 1):
        for columns in map(list, combinations(range(rows.shape[1]), size)):
            found = np.linalg.lstsq(rows[:, columns], seconds, rcond=None)[0]
            error = float(((seconds - rows[:, columns] @ found) ** 2).sum())
            # More columns must gain something: equal ones would share a price at random.
            if (found >= 0).all() and error < least * (1 - 1e-9):
                best, least = np.zeros(rows.shape[1]), error
                best[columns] = found
    return best


class _Fit(NamedTuple):
    """Prices, their standard errors (None: left out), and the columns of the undetermined ones."""

    found: _Floats
    errors: list[float | None]
    undetermined: list[int]


def _determined(rows: _Floats, seconds: _Floats) -> _Fit:
    """The fit without prices that the calls do not determine, the least certain left out first.

    Calls that hardly differ in something, or only together with something else, share its time
    among prices at random. It shows in a price that cannot be told from 0 and might matter, or in a
    prompt token or a further stream that is dearer than generating a token. Tokens stay.
    """
    left_out = list[int]()
    while True:
        columns = [column for column in range(rows.shape[1]) if column not in left_out]
        used = rows[:, columns]
        found = non_negative(used, seconds)
        errors = _standard_errors(used, seconds - used @ found)
        doubts = {
            column: price / error if error else 0.0
            for column, price, error in zip(columns, found, errors, strict=True)
            if not error
            or (price < CERTAIN * error and _may_matter(error * rows[:, column], seconds))
            or (column in (PROMPT_TOKEN, FURTHER_STREAM) and price > found[0])
        }
        doubtful = [column for column in doubts if column]
        if not doubtful:
            break
        left_out.append(min(doubtful, key=doubts.__getitem__))
    prices, uncertainty = np.zeros(rows.shape[1]), dict(zip(columns, errors, strict=True))
    prices[columns] = found
    of_all = [uncertainty.get(column) for column in range(rows.shape[1])]
    return _Fit(prices, of_all, sorted({*left_out, *doubts}))


def _may_matter(shares: _Floats, seconds: _Floats) -> bool:
    return float(shares.mean()) > WORTH_KNOWING * float(seconds.mean())


def _standard_errors(rows: _Floats, residuals: _Floats) -> list[float | None]:
    """Of each column's price; None for a column that is 0, or cannot be told from the others."""
    variance = float((residuals**2).sum()) / (len(residuals) - rows.shape[1])
    errors = list[float | None]()
    for column in range(rows.shape[1]):
        others = np.delete(rows, column, axis=1)
        explained = others @ np.linalg.lstsq(others, rows[:, column], rcond=None)[0]
        own = float(((rows[:, column] - explained) ** 2).sum())
        seen = own > 1e-9 * float((rows[:, column] ** 2).sum())
        errors.append(float(np.sqrt(variance / own)) if seen else None)
    return errors


def _quality(pairs: Sequence[tuple[float, float]]) -> PathQuality:
    known = [pair for pair in pairs if pair[1] > 0]
    if not known:
        raise InputError("No call of this run took any time, so nothing can be compared with it.")
    priced, measured = np.array(known, dtype=np.float64).T
    errors = np.abs(priced - measured) / measured
    varies = len(priced) > 2 and priced.std() > 0 and measured.std() > 0
    return PathQuality(
        problems=len(priced),
        correlation=float(np.corrcoef(priced, measured)[0, 1]) if varies else None,
        median_error=float(np.median(errors)),
        error_90=float(np.percentile(errors, 90)),
        ratio=float(priced.sum() / measured.sum()),
    )
