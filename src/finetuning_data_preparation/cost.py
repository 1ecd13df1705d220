"""The cost of the annotation, from the responses stored by earlier stages."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from ..utils.annotation.responses import ResponseStore


def stored_cost(logs_dir: Path, models: Mapping[str, str], dataset: str) -> float | None:
    """The cost of `models` for `dataset`, by stage, in US dollars; None if nothing records it.

    An answer that several datasets use belongs to the one that requested it. A response without a
    cost, such as that of a model with an unknown price, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for stage, model in models.items():
        for response in ResponseStore.of_stage(logs_dir, stage, model).all():
            if response.cost is not None and response.dataset in ("", dataset):
                known, total = True, total + Decimal(str(response.cost))
    return float(total) if known else None
