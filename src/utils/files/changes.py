"""What has changed between two configurations of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any


def changes(
    found: Mapping[str, Any], wanted: Mapping[str, Any], ignored: Collection[str] = ()
) -> str:
    """ "seed was 0 and is now 1; …", of every name with another value; "" if there is none."""
    return "; ".join(
        change
        for name in sorted({*found, *wanted} - set(ignored))
        for change in _changes(name, found.get(name), wanted.get(name))
    )


def _changes(name: str, found: Any, wanted: Any) -> Iterator[str]:
    """Of two mappings each of their values that differs, by its path."""
    if found == wanted:
        return
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        for key in sorted({*map(str, found), *map(str, wanted)}):
            yield from _changes(f"{name}.{key}", found.get(key), wanted.get(key))
    else:
        yield f"{name} was {found!r} and is now {wanted!r}"
