"""What a worker process says of a row that it annotated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Tallies(Protocol):
    """The tally of a stage."""

    failed: dict[int, str]
    repairs: Counter[str]

    def add(self, repairs: Mapping[str, int]) -> None: ...


@dataclass(frozen=True)
class RowOutcome:
    """Row `index` has its files, mended as `repairs` count; or it failed, for the reason given."""

    index: int
    repairs: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""

    def enter(self, tally: Tallies) -> None:
        if self.fault:
            tally.failed[self.index] = self.fault
        else:
            tally.add(self.repairs)
