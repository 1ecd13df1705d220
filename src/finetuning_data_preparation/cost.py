"""What the annotation has cost, from the responses that the stages before have stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from ..utils.annotation.responses import ResponseStore


def stored_cost(logs_dir: Path, models: Mapping[str, str], dataset: str) -> float | None:
    """What `models` answered about `dataset`, by stage, in US dollars; None where nothing tells it.

    An answer that several datasets use belongs to the one that asked for it. A response without a
    cost, such as that of a model whose price is not known, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for stage, model in models.items():
        for response in ResponseStore.of_stage(logs_dir, stage, model).all():
            if response.cost is not None and response.dataset in ("", dataset):
                known, total = True, total + Decimal(str(response.cost))
    return float(total) if known else None
