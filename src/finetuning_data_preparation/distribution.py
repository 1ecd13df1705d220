"""Counts the values of a quantity: bounded in memory, and mergeable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum, isfinite
from typing import Any

from ..utils.files.json_file import counts

DECIMALS = 3


@dataclass
class Distribution:
    """Counts of values; a value is rounded to DECIMALS places."""

    counts: Counter[float] = field(default_factory=Counter)

    def add(self, value: float) -> None:
        self.counts[round(value, DECIMALS)] += 1

    def merge(self, other: Distribution) -> None:
        self.counts.update(other.counts)

    @property
    def mean(self) -> float:
        """0 without values. The same to the last bit for any order of the values."""
        total = self.counts.total()
        return fsum(value * n for value, n in self.counts.items()) / total if total else 0.0

    @property
    def median(self) -> float:
        """The lower one of two; 0 without values."""
        seen, half = 0, (self.counts.total() + 1) // 2
        for value, count in sorted(self.counts.items()):
            seen += count
            if seen >= half:
                return value
        return 0.0

    def as_json(self) -> dict[str, Any]:
        """Mean, median, extremes, and the counts from the smallest value on."""
        values = sorted(self.counts)
        return {
            "mean": round(self.mean, DECIMALS),
            "min": values[0] if values else 0,
            "median": self.median,
            "max": values[-1] if values else 0,
            "counts": {f"{value:.10g}": self.counts[value] for value in values},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Distribution:
        """Raises ValueError, LookupError or TypeError for anything that `as_json` did not write."""
        read = Counter({float(value): n for value, n in counts(content["counts"]).items()})
        if not all(map(isfinite, read)):
            raise ValueError("expected finite values")
        return cls(read)
