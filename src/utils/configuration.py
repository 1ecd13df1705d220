"""What has changed between two configurations of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any


def changes(
    found: Mapping[str, Any], wanted: Mapping[str, Any], ignored: Collection[str] = ()
) -> str:
    """ "seed was 0 and is now 1; …", of every name with another value; "" where there is none."""
    return "; ".join(
        f"{name} was {found.get(name)!r} and is now {wanted.get(name)!r}"
        for name in sorted({*found, *wanted} - set(ignored))
        if found.get(name) != wanted.get(name)
    )
