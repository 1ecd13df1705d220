"""What the annotation has cost, from the responses that the stages before have stored."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path


def stored_cost(logs_dir: Path) -> float | None:
    """The sum in US dollars over LOGS_DIR/*responses_*; None where no file tells a cost.

    A file tells it as `cost`, its own or that of its `response`; one without, such as that of a
    model whose price is not known, adds nothing.
    """
    known = False
    total = Decimal()  # exact, so that the order of the files does not matter
    for path in logs_dir.glob("*responses_*/**/*.json"):
        cost = _cost(path)
        if cost is not None:
            known, total = True, total + cost
    return float(total) if known else None


def _cost(path: Path) -> Decimal | None:
    try:
        content = json.loads(path.read_bytes(), parse_float=Decimal)
    except ValueError:
        return None
    for holder in (content, content.get("response") if isinstance(content, dict) else None):
        cost = holder.get("cost") if isinstance(holder, dict) else None
        if isinstance(cost, int | Decimal):
            return Decimal(cost)
    return None
