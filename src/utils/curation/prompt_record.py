"""Which prompts a model's answers in a folder were asked with: one folder, one set of prompts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..atomic import write_json
from ..configuration import changes
from ..errors import InputError
from ..prompts import load_prompt, prompt_hash
from .annotation import RETRY_PROMPT
from .faults import FAULT

RECORD = "prompts.json"


def require_same_prompts(folder: Path, names: Iterable[str], *, record: bool = True) -> None:
    """Write the hashes of the prompts `names` into `folder`, or compare them with those there.

    Raises InputError where they differ: rows that were annotated with different prompts would be
    mixed. Where no row was annotated yet, others take their place. Without `record`, as in a dry
    run, they are compared alone.
    """
    wanted = {name: prompt_hash(load_prompt(name)) for name in (*names, RETRY_PROMPT)}
    path = folder / RECORD
    if not path.is_file() or not _holds_answers(folder):
        if record:
            write_json(path, wanted)
        return
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}): remove it, and run again.") from error
    if changed := changes(found, wanted):
        raise InputError(
            f"{folder} was annotated with other prompts ({changed}): restore them, choose another "
            f"LOGS_DIR, or remove {path.name} there to mix them."
        )


def _holds_answers(folder: Path) -> bool:
    """Whether a row was annotated: files of failed rows, and hidden ones, are not of the kind."""
    others = (RECORD, FAULT, ".")
    return any(not path.name.startswith(others) for path in folder.iterdir())
