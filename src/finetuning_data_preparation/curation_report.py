"""curation_report.json: rows kept, dropped (with reasons) and repaired, and their statistics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..utils.files.json_file import count, counts
from ..utils.files.run_record import Software, listed_software
from .config import CurationSettings
from .order_gain import OrderGain
from .repeats import RepeatedRows
from .row_statistics import Distribution, PhaseStatistics, RowStatistics
from .rows import MATCHING, STATED, UNGRADED, UNSTATED, RowResult
from .structure_prices import STRUCTURES, price_counts, price_json

SHAPES = ("components", "width", "depth", "phases", "ratio")
"""Distributions over the rows that could be packed (`packed`), and over the `kept` ones."""
SAVED = "saved"
"""Percent of a trajectory's tokens that are not sequential; for kept rows only."""

FAULTS = (AttributeError, LookupError, TypeError, ValueError)
"""Errors raised when reading and adding up a report in another form."""


def _distributions() -> dict[str, dict[str, Distribution]]:
    shapes = {name: {"packed": Distribution(), "kept": Distribution()} for name in SHAPES}
    return shapes | {SAVED: {"kept": Distribution()}}


@dataclass
class Report:
    """Counts for rows. The shares of a run are added up with `merge`, in their order.

    Repairs of answers count all rows that could be read, repairs in packing only the kept ones.
    `answers` counts how kept rows were graded. `faults` counts why rows have no components or DAG.
    `orders` are the counts of an OrderGain, `structures` those of prices. `software`: the versions
    that curated the shares.
    """

    kept: int = 0
    dropped: dict[str, list[int]] = field(default_factory=dict)
    repairs: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    orders: Counter[str] = field(default_factory=Counter)
    structures: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    distributions: dict[str, dict[str, Distribution]] = field(default_factory=_distributions)
    software: list[Software | None] = field(default_factory=list)

    @property
    def read(self) -> int:
        return self.kept + sum(map(len, self.dropped.values()))

    def add(self, result: RowResult) -> None:
        self.repairs.update(result.repairs)
        self.lines.update(result.lines)
        if result.shape is not None:
            self._add_shape(result.shape, "packed")
        if result.fault:
            self.faults[result.fault] += 1
        if result.reason is not None:
            self.dropped.setdefault(result.reason.value, []).append(result.index)
        if result.row is not None and result.shape is not None:
            self.kept += 1
            self._add_shape(result.shape, "kept")
            self.answers[result.grading] += 1
            self.orders.update(result.row.gain.counts())
            structures = [row.structure for row in result.rows]
            self.structures.update(price_counts(result.row.priced, structures))
        for row in result.rows:
            self.tokens.update(sequential=row.sequential, total=row.total)
            saved = 1 - row.sequential / max(1, row.total)
            self.distributions[SAVED]["kept"].add(round(100 * saved))

    def _add_shape(self, shape: RowStatistics | PhaseStatistics, rows: str) -> None:
        for name in SHAPES:
            if (value := getattr(shape, name, None)) is not None:
                self.distributions[name][rows].add(value)

    def merge(self, other: Report) -> None:
        self.kept += other.kept
        self.software += [one for one in other.software if one not in self.software]
        for reason, indices in other.dropped.items():
            self.dropped.setdefault(reason, []).extend(indices)
        for mine, others in (
            (self.repairs, other.repairs),
            (self.lines, other.lines),
            (self.tokens, other.tokens),
            (self.orders, other.orders),
            (self.structures, other.structures),
            (self.answers, other.answers),
            (self.faults, other.faults),
        ):
            mine.update(others)
        for name, by_rows in other.distributions.items():
            for rows, distribution in by_rows.items():
                self.distributions[name][rows].merge(distribution)

    def as_json(self) -> dict[str, Any]:
        """The complete report, as `from_json` reads it."""
        return {
            "kept": self.kept,
            "dropped_rows": dict(sorted(self.dropped.items())),
            "repairs": {kind: count for kind, count in sorted(self.repairs.items()) if count},
            "lines": dict(self.lines),
            "tokens": dict(self.tokens),
            "orders": dict(self.orders),
            "structures": dict(self.structures),
            "answers": dict(self.answers),
            "annotation_faults": dict(sorted(self.faults.items())),
            "distributions": {
                name: {rows: distribution.as_json() for rows, distribution in by_rows.items()}
                for name, by_rows in self.distributions.items()
            },
            "software": self.software,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Report:
        """Raises one of FAULTS for anything that `as_json` did not write."""
        return cls(
            count(content["kept"]),
            {reason: list(map(count, rows)) for reason, rows in content["dropped_rows"].items()},
            Counter(counts(content["repairs"])),
            Counter(counts(content["lines"])),
            Counter(counts(content["tokens"])),
            Counter(counts(content["orders"])),
            Counter(counts(content["structures"])),
            Counter(counts(content["answers"])),
            Counter(counts(content["annotation_faults"])),
            {
                name: {rows: Distribution.from_json(found) for rows, found in by_rows.items()}
                for name, by_rows in content["distributions"].items()
            },
            listed_software(content),
        )


@dataclass(frozen=True)
class FinalReport:
    """The report of a complete run, with values known only at its end.

    `test` counts the kept rows in the test set; `unit` is the unit of lengths; `cost` in US dollars
    is None if no stored response has one; `repeated` is None if no row is written several times.
    """

    report: Report
    settings: CurationSettings
    test: int
    unit: str
    cost: float | None = None
    repeated: RepeatedRows | None = None

    @property
    def rows(self) -> int:
        """The rows of the dataset before any is repeated: a problem may have several."""
        kept = sum(self.report.structures[f"{name} kept"] for name in STRUCTURES)
        return kept or self.report.kept

    @property
    def of_trajectories(self) -> bool:
        """Whether the rows were finished trajectories, whose components are not known."""
        return bool(self.settings.config.trajectory_column)

    @property
    def coverage(self) -> float:
        """The fraction of lines that annotators put into a component themselves."""
        return self.report.lines["named"] / max(1, self.report.lines["total"])

    @property
    def saved(self) -> float:
        """The fraction of tokens that are not sequential."""
        return 1 - self.report.tokens["sequential"] / max(1, self.report.tokens["total"])

    @property
    def gain(self) -> OrderGain:
        """What the longest work first gains, or would gain."""
        return OrderGain.of(self.report.orders)

    def as_json(self) -> dict[str, Any]:
        """The content of curation_report.json."""
        report, content = self.report, self.report.as_json()
        kept = {name: report.distributions[name]["kept"] for name in SHAPES}
        names = ("total", "named", "plan", "execution", "comment")
        lines = {name: report.lines[name] for name in names} | {"coverage": round(self.coverage, 6)}
        more: dict[str, Any] = {}  # what a run without these settings does not have
        if priced := price_json(report.structures):
            more["structures"] = priced
        if self.repeated is not None:
            more["second_plans"] = self.repeated.as_json()
        grades = (MATCHING, UNGRADED) if self.of_trajectories else (STATED, UNSTATED)
        return {
            "settings": self.settings.as_json(),
            "read": report.read,
            "kept": report.kept,
            "train": report.kept - self.test,
            "test": self.test,
            "mean_components": None if self.of_trajectories else round(kept["components"].mean, 3),
            "mean_phases": round(kept["phases"].mean, 3),
            "mean_parallelization_ratio": None
            if self.of_trajectories
            else round(kept["ratio"].mean, 3),
            "dropped": {reason: len(rows) for reason, rows in content["dropped_rows"].items()},
            "dropped_rows": content["dropped_rows"],
            "annotation_faults": content["annotation_faults"],
            "repairs": content["repairs"],
            "answers": {name: report.answers[name] for name in grades},
            "lines": None if self.of_trajectories else lines,
            "tokens": {
                "unit": self.unit,
                "sequential": report.tokens["sequential"],
                "total": report.tokens["total"],
                "saved": round(self.saved, 6) if report.tokens["total"] else None,
            },
            "prompt_order": None if self.of_trajectories else self.gain.as_json(),
            **more,
            "cost": self.cost,
            "distributions": content["distributions"],
            "software": content["software"],
        }
