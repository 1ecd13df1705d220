"""Records how answers in a folder were requested: one set of prompts and settings per folder."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.atomic import write_json
from ..files.json_file import read_object
from ..files.run_record import changes
from ..prompt_files import load_prompt, prompt_hash
from .dialogue import RETRY_PROMPT
from .row_faults import FAULT
from .stored_chat import StoredChat

log = logging.getLogger(__name__)

RECORD = "prompts.json"
SERVERS = "servers"
"""Folder in the response store: for each dataset the server used last."""


def require_same_annotation(
    folder: Path, names: Iterable[str], chat: StoredChat, *, record: bool = True
) -> None:
    """Record how `chat` is used in `folder`, or compare it with the existing record.

    The record contains the hashes of the prompts `names`, the model's full name, temperature and
    top_p. Raises InputError if they differ, because annotations would be mixed. Another server only
    gives a warning: it may be the same one on another port. The maximum answer length may change,
    since truncated answers need more. Before the first row is annotated, new settings replace the
    record. Without `record`, as in a dry run, they are only compared.
    """
    annotated = folder.is_dir() and _holds_answers(folder)
    sampling = chat.sampling
    settings = {
        "model": chat.server.model,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
    wanted = {name: prompt_hash(load_prompt(name)) for name in (*names, RETRY_PROMPT)} | settings
    path = folder / RECORD
    found = _read(path) if annotated else {}
    unknown = settings.keys() - found.keys()  # in a folder of an earlier version
    if found and (changed := changes(found, wanted, unknown)):
        raise InputError(
            f"{folder} was annotated with other prompts or settings ({changed}): restore them, "
            f"choose another LOGS_DIR, or remove {path.name} there to mix them."
        )
    server = chat.store.folder / SERVERS / f"{folder.name}.json"
    before, now = _read(server).get("server"), chat.server.url
    if annotated and before and before != now:
        log.warning(
            "The rows in %s were annotated by the server at %s, and are now annotated by %s: make "
            "sure that it serves the same model.",
            folder,
            before,
            now,
        )
    if record and found != wanted:
        write_json(path, wanted)
    if record and before != now:
        server.parent.mkdir(parents=True, exist_ok=True)
        write_json(server, {"server": now})


def _read(path: Path) -> dict[str, Any]:
    """Empty if there is no such file."""
    return read_object(path) if path.is_file() else {}


def _holds_answers(folder: Path) -> bool:
    """Whether a row was annotated; files of failed rows and hidden files do not count."""
    others = (RECORD, FAULT, ".")
    return any(not path.name.startswith(others) for path in folder.iterdir())
