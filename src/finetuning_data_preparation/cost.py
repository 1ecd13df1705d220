"""What the annotation has cost, from the responses that the stages before have stored."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from ..utils.curation.responses import ResponseStore


def stored_cost(logs_dir: Path) -> float | None:
    """The sum in US dollars of all stored responses; None where none of them tells its cost.

    One without, such as that of a model whose price is not known, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for store in ResponseStore.all_in(logs_dir):
        for response in store.all():
            if response.cost is not None:
                known, total = True, total + Decimal(str(response.cost))
    return float(total) if known else None
