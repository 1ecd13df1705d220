"""What messages call the flags of money, those of the judge too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MoneyFlags:
    """Their names, which begin with `prefix`."""

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
