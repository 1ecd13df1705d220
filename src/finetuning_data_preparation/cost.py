"""What the annotation has cost, from the responses that the stages before have stored."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path


def stored_cost(logs_dir: Path) -> float | None:
    """The sum of `cost` (US dollars) over the files below LOGS_DIR/responses_*; None without any.

    A file that tells no cost, such as that of a model without a known price, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for path in logs_dir.glob("responses_*/**/*.json"):
        cost = _cost(path)
        if cost is not None:
            known, total = True, total + cost
    return float(total) if known else None


def _cost(path: Path) -> Decimal | None:
    try:
        content = json.loads(path.read_bytes(), parse_float=Decimal)
    except ValueError:
        return None
    cost = content.get("cost") if isinstance(content, dict) else None
    return Decimal(cost) if isinstance(cost, int | Decimal) else None
