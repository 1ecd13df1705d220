"""The software that made a record: its version, its commit, and whether its tree was changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ... import __version__

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

    None stands for versions before records had them.
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
