"""curation_report.json: what was kept, what was dropped and why, and what was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .curation import Curated
from .filters import Reason


@dataclass
class Report:
    """What became of the rows of one run."""

    kept: list[Curated] = field(default_factory=list)
    dropped: dict[Reason, list[int]] = field(default_factory=dict)
    repairs: Counter[str] = field(default_factory=Counter)

    def drop(self, index: int, reason: Reason) -> None:
        self.dropped.setdefault(reason, []).append(index)

    def keep(self, row: Curated) -> None:
        self.kept.append(row)
        self.mend(row.mended)

    def mend(self, repairs: Mapping[str, int]) -> None:
        self.repairs.update(repairs)

    @property
    def read(self) -> int:
        return len(self.kept) + sum(map(len, self.dropped.values()))

    def as_json(self, settings: Mapping[str, Any], test: set[int]) -> dict[str, Any]:
        """The report. Answers mended are counted over all rows, packing's doings over kept ones."""
        return {
            "settings": dict(settings),
            "read": self.read,
            "kept": len(self.kept),
            "train": len(self.kept) - len(test),
            "test": len(test),
            "mean_components": _mean([row.components for row in self.kept]),
            "mean_phases": _mean([row.phases for row in self.kept]),
            "mean_parallelization_ratio": _mean([row.ratio for row in self.kept]),
            "dropped": {reason.value: len(rows) for reason, rows in sorted(self.dropped.items())},
            "dropped_rows": {reason.value: rows for reason, rows in sorted(self.dropped.items())},
            "repairs": {kind: count for kind, count in sorted(self.repairs.items()) if count},
        }

    def summary(self) -> str:
        """A few plain lines."""
        lines = [f"Fine-tuning data: {len(self.kept)} of {self.read} rows kept."]
        lines += [
            f"{len(rows)} dropped: {reason.value}" for reason, rows in sorted(self.dropped.items())
        ]
        if self.repairs.total():
            mended = ", ".join(f"{kind} {n}" for kind, n in sorted(self.repairs.items()) if n)
            lines.append(f"Mended: {mended}.")
        return "\n".join(lines)


def _mean(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 3) if values else 0.0
