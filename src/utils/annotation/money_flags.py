"""The names of the cost flags in messages, also for the judge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyFlags:
    """Flag names with the given `prefix`."""

    prefix: str = ""

    @property
    def max_cost(self) -> str:
        return f"--{self.prefix}max_cost"

    @property
    def price_in(self) -> str:
        return f"--{self.prefix}price_in"

    @property
    def price_out(self) -> str:
        return f"--{self.prefix}price_out"


CURATION, JUDGE = MoneyFlags(), MoneyFlags("judge_")
