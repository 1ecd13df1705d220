"""The folder of a training: one run of one configuration, which can be stopped and resumed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..utils.errors import InputError
from ..utils.files.atomic import writable_folder, write_json
from ..utils.files.run_record import Software, changes, listed_software, with_this
from .checkpoints import last_checkpoint, read_state
from .history import HISTORY

SETTINGS = "settings.json"
ANY_RUN = (
    "output",
    "resume",
    "report_to",
    "save_steps",
    "versions",
    "precision",  # that of the first run is kept
    "software",
    "push_to_hub",
    "private",
)
"""Settings that may change on resume."""


def checkpoints_folder(output: Path) -> Path:
    """The folder for checkpoints and optimizer states, next to that of the served model."""
    place = output.resolve()  # "." has no name of its own
    return place.with_name(f"{place.name}.checkpoints")


def open_run(output: Path, settings: Mapping[str, Any], *, resume: bool) -> Path | None:
    """Create the folder of a run, or find the checkpoint to resume from.

    Raises InputError if it contains a trained model, checkpoints without --resume, no checkpoint to
    resume from, or a run with other settings.
    """
    writable_folder(output, "choose another --output")
    folder = checkpoints_folder(output)
    if (output / HISTORY).is_file():
        raise InputError(
            f"{output} contains a fully trained model: choose another --output, or remove that "
            "folder to train again."
        )
    if not resume and any(output.glob("model*.safetensors")):
        raise InputError(
            f"{output} contains the weights of a model: choose another --output, or remove them."
        )
    writable_folder(folder, "choose another --output")
    _move_earlier(output / "checkpoints", folder)
    found = last_checkpoint(folder)
    if not resume:
        if found:
            raise InputError(
                f"{folder} contains checkpoints of an earlier run: add --resume to continue from "
                "them, or remove the folder."
            )
        write_json(folder / SETTINGS, {**settings, "software": with_this([])})
        return None
    if not found:
        raise InputError(
            f"{folder} contains no complete checkpoint to resume from: leave out --resume. "
            "(Checkpoints are written every --save_steps or --eval_steps steps.)"
        )
    begun = read_state(folder / SETTINGS)
    if begun is None:
        raise InputError(f"{folder / SETTINGS} is missing or damaged: remove {folder} to retrain.")
    if changed := changes(begun, json.loads(json.dumps(settings)), ANY_RUN):
        raise InputError(
            f"The run in {output} started with other settings ({changed}): resume it with the same "
            "settings, or choose another --output."
        )
    earlier = listed_software(begun)
    if (software := with_this(earlier)) != earlier:
        write_json(folder / SETTINGS, {**begun, "software": software})
    return found


def software_of(output: Path) -> list[Software | None]:
    """The software with which the run in `output` was started and resumed."""
    return listed_software(read_state(checkpoints_folder(output) / SETTINGS) or {})


def remove_empty(folder: Path) -> None:
    """Remove a checkpoint folder without checkpoints or anything else of value."""
    if not any(folder.glob("checkpoint-*")):
        (folder / SETTINGS).unlink(missing_ok=True)
        with suppress(OSError):  # it contains something else: keep it
            folder.rmdir()


def _move_earlier(earlier: Path, folder: Path) -> None:
    """Versions up to November 2026 kept the checkpoints inside the model folder."""
    with suppress(OSError):  # none, or another process of this run moved it
        earlier.rename(folder)
