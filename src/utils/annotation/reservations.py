"""The sums of a ledger of money, from its lines: what is reserved, spent and lost. No files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

BATCH = "batch"
"""The run id of a reservation that outlives the run that made it."""
NOTHING = Decimal(0)
WORD = re.compile(r"[A-Za-z0-9_-]{0,100}")
"""The key of a request or the name of a run; the key of a batch is empty."""
FAULTS = (ValueError, KeyError, TypeError, ArithmeticError, RecursionError)
"""Errors of a damaged line."""


def money(value: object) -> Decimal:
    """An amount of US dollars. Exact, so sums do not depend on order. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"expected US dollars, got {str(value)[:40]}")
    if value < 0:
        raise ValueError("expected no negative amount")
    return Decimal(str(value))


def word(value: object) -> str:
    """A part of a file name. Raises ValueError if it is not safe to look up files with."""
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise ValueError(f"expected letters and digits, got {str(value)[:40]!r}")
    return value


@dataclass(frozen=True)
class Reservation:
    """The maximum cost of a request or a batch. `key` is the request's, "" for a batch.

    `parts`: how many lines of a batch's results are settled.
    """

    most: Decimal
    run: str
    key: str = ""
    parts: int = 0


@dataclass
class Spending:
    """The sums of a ledger's lines, in US dollars.

    `spent` is for stored answers, `lost` for requests without an answer that may have been billed.
    An unreadable line counts as the largest reservation.
    """

    spent: Decimal = NOTHING
    lost: Decimal = NOTHING
    held: Decimal = NOTHING
    """The sum of `open`."""
    open: dict[str, Reservation] = field(default_factory=dict)
    damaged: int = 0
    begun: bool = False
    """Whether a line records earlier spending."""
    _largest: Decimal = NOTHING

    def take(self, line: bytes) -> None:
        """Count one line."""
        try:
            self._take(json.loads(line))
        except FAULTS:
            self.damaged += 1

    def _take(self, line: Mapping[str, Any]) -> None:
        if "reserve" in line:
            made = Reservation(
                money(line["most"]), word(line["run"]), word(line["key"]), int(line.get("parts", 0))
            )
            self._close(str(line["reserve"]))
            self.open[str(line["reserve"])] = made
            self.held += made.most
            self._largest = max(self._largest, made.most)
        elif "settle" in line:
            cost = money(line["cost"])
            if self._close(line["settle"]):
                self.spent += cost if line["stored"] else NOTHING
                self.lost += NOTHING if line["stored"] else cost
        elif "part" in line:
            cost, freed = money(line["cost"]), money(line["most"])
            self.spent += cost
            if (whole := self.open.get(line["part"])) is not None:
                freed = min(freed, whole.most)
                self.held -= freed
                self.open[line["part"]] = replace(
                    whole, most=whole.most - freed, parts=whole.parts + 1
                )
        else:
            self.spent, self.lost, self.begun = money(line["spent"]), money(line["lost"]), True

    def _close(self, name: str) -> bool:
        """Whether it was open: a reservation settled twice counts once."""
        made = self.open.pop(name, None)
        self.held -= made.most if made else NOTHING
        return made is not None

    def unreadable(self, most: Decimal = NOTHING) -> Decimal:
        """The cost of damaged lines, if the next request may cost `most`."""
        return self.damaged * max(self._largest, most)

    def fits(self, most: Decimal, limit: float | None) -> bool:
        """Whether another `most` stays within `limit`."""
        if limit is None:
            return True
        known = self.spent + self.lost + self.held
        return known + self.unreadable(most) + most <= Decimal(str(limit))

    def lines(self) -> Iterator[dict[str, object]]:
        """The shortest equivalent lines."""
        yield {"spent": float(self.spent), "lost": float(self.lost + self.unreadable())}
        for name, made in self.open.items():
            yield reserve_line(name, made)


def reserve_line(name: str, made: Reservation) -> dict[str, object]:
    line = {"reserve": name, "most": float(made.most), "run": made.run, "key": made.key}
    return line | {"parts": made.parts} if made.parts else line


def written(line: Mapping[str, object]) -> bytes:
    return json.dumps(line).encode() + b"\n"
