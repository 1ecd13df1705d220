"""Prices and their quality in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...utils.latency.price_list import FitQuality, PathQuality, PriceList, milliseconds

MEANINGS = {
    "token": "a generated token",
    "prompt_token": "a prompt token that is not in the cache",
    "further_stream": "a generated token more for each further stream",
    "call": "a call",
}


def fit_text(found: PriceList) -> str:
    """The prices of a fit with their standard errors, and how well they fit."""
    return "\n".join(_fit_lines(found)) + "\n"


def check_text(
    checked: PriceList,
    folder: Path,
    path: PathQuality,
    clock: PathQuality | None,
    at_once: int,
) -> str:
    """How well a price list fits another run."""
    lines = [f"{checked.title[0].upper()}{checked.title[1:]}, against {folder}:"]
    lines += _quality_lines(path, clock)
    lines += _load_lines(at_once)
    return "\n".join(lines) + "\n"


def _fit_lines(found: PriceList) -> Iterator[str]:
    fit = found.fit
    if fit is None:
        raise ValueError("expected a fit")
    yield (
        f"Prices by least squares from {fit.calls} calls of {fit.critical_path.problems} problems "
        f"({found.model or 'unnamed model'}, {found.hardware or 'unknown hardware'}):"
    )
    for name, price in found.prices.model_dump().items():
        error = fit.uncertainty.get(name)
        around = "" if error is None else f" ± {milliseconds(error)}"
        yield f"  {milliseconds(price) + around:<24} {MEANINGS[name]}"
    yield (
        f"R² {fit.r2:.3f}; a call's residual is {milliseconds(fit.residual_median)} (median), "
        f"90 % within {milliseconds(fit.residual_90)}."
    )
    yield from _quality_lines(fit.critical_path, fit.wall_clock)
    yield from _undetermined_lines(fit)
    yield from _load_lines(fit.at_once)


def _quality_lines(path: PathQuality, clock: PathQuality | None) -> Iterator[str]:
    yield f"Priced path against the measured critical path: {_quality(path)}."
    if clock is not None:
        yield f"Priced path against wall clock: {_quality(clock)}."


def _quality(one: PathQuality) -> str:
    together = "" if one.correlation is None else f"correlation {one.correlation:.3f}, "
    return (
        f"{together}error {100 * one.median_error:.1f} % (median), 90 % within "
        f"{100 * one.error_90:.1f} %; {one.ratio:.3f} times in total ({one.problems} problems)"
    )


def _undetermined_lines(fit: FitQuality) -> Iterator[str]:
    for name in fit.undetermined:
        taken = "" if name == "token" else ", taken as 0"
        why = (
            "calls that generate at the same time are missing, or all calls do"
            if name == "further_stream"
            else "calls do not differ enough in it alone"
        )
        yield f"Undetermined{taken}: the price of {MEANINGS[name]}; in this ledger {why}."


def _load_lines(at_once: int) -> Iterator[str]:
    if at_once > 1:
        yield (
            f"{at_once} problems were in flight: calls waited for other problems, which has no "
            "price. Prices and errors are those of one problem only where --num_workers was 1."
        )
