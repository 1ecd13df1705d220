"""What structures cost: rows and priced seconds by structure, for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from .structures import Structure

STRUCTURES: tuple[Structure, ...] = get_args(Structure)
MICROSECONDS = 1_000_000
"""Prices are added up in whole microseconds: the same in any order of the rows."""


def price_counts(priced: Mapping[Structure, float], kept: Iterable[Structure]) -> Counter[str]:
    """Of one row, for adding up: the seconds of each structure that it could have."""
    counts = Counter[str]()
    if not priced:
        return counts
    whole = {name: round(seconds * MICROSECONDS) for name, seconds in priced.items()}
    for name, amount in whole.items():
        counts.update({f"{name} rows": 1, f"{name} microseconds": amount})
    for name in kept:
        counts.update({f"{name} kept": 1, f"{name} kept microseconds": whole[name]})
    if "curated" in whole:
        fastest = min(whole.values())
        counts.update({"rows": 1, "curated": whole["curated"], "fastest": fastest})
    return counts


def price_json(counts: Mapping[str, int]) -> dict[str, Any] | None:
    """A part of curation_report.json; None without prices."""
    if not counts:
        return None
    found: dict[str, Any] = {name: _of_structure(name, counts) for name in STRUCTURES}
    return found | {
        "fastest": {
            "rows": counts.get("rows", 0),
            "curated_seconds": _mean(counts, "curated", "rows"),
            "fastest_seconds": _mean(counts, "fastest", "rows"),
            "gain": fastest_gain(counts),
        }
    }


def fastest_gain(counts: Mapping[str, int]) -> float | None:
    """The fraction of the curated rows' priced seconds that the fastest structures save."""
    curated = counts.get("curated", 0)
    return round(1 - counts["fastest"] / curated, 6) if curated else None


def _of_structure(name: Structure, counts: Mapping[str, int]) -> dict[str, Any]:
    return {
        "possible": counts.get(f"{name} rows", 0),
        "mean_seconds": _mean(counts, f"{name} microseconds", f"{name} rows"),
        "kept": counts.get(f"{name} kept", 0),
        "mean_seconds_kept": _mean(counts, f"{name} kept microseconds", f"{name} kept"),
    }


def _mean(counts: Mapping[str, int], amount: str, rows: str) -> float | None:
    number = counts.get(rows, 0)
    return round(counts[amount] / number / MICROSECONDS, 6) if number else None
