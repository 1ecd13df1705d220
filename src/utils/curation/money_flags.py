"""The flags of money, those of the judge too: a limit, and prices where the table has none."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from ..cli import not_negative


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

    def add(self, parser: argparse.ArgumentParser, limited: str, halved: str = "") -> None:
        """`limited`: what the limit holds for; `halved`: what halves the prices."""
        parser.add_argument(
            self.max_cost,
            type=not_negative,
            help=f"US dollars that all answers stored for {limited} may cost, earlier runs and "
            "those under way included; stops before the request that could exceed it (its longest "
            "answer counts). A request that has no answer, since a run was killed, counts with the "
            "most it may cost",
        )
        for flag, what in ((self.price_in, "prompt"), (self.price_out, "answer")):
            parser.add_argument(
                flag,
                type=not_negative,
                help=f"US dollars per million {what} tokens, where the price table lacks the model "
                f"or is wrong{halved}",
            )


CURATION, JUDGE = MoneyFlags(), MoneyFlags("judge_")
