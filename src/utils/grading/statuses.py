"""What is said of an answer."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["correct", "incorrect", "no_answer", "unparseable", "gold_unparseable", "timeout"]


class Verdict(NamedTuple):
    """A status, and what is to be said about it (empty for a plain verdict)."""

    status: Status
    detail: str = ""
