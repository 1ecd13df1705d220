"""Finds the complete checkpoints (a full disk may truncate the last one) and keeps the best."""

from __future__ import annotations

import json
import logging
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerState

from ..utils.errors import InputError
from ..utils.files.json_file import read_object
from .manifest import MANIFEST, difference

log = logging.getLogger(__name__)

STATE = "trainer_state.json"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
OF_PROCESSES = ("global_step", "optimizer_", "pytorch_model_fsdp")
"""Prefixes of the folders that ZeRO-3 and FSDP2 write, with a shard for each process."""
LONGEST_HEADER = 100_000_000
"""Maximum bytes of a safetensors header, by its format."""
ARCHIVES = (".pt", ".pth", ".bin")
"""Suffixes of PyTorch's files, which are zip archives with their table of contents at the end."""


def last_checkpoint(folder: Path) -> Path | None:
    """The last complete one; warns about each later one.

    The state is written after the other files, and the manifest last: if both are missing, the run
    was killed meanwhile, and there is no warning.
    """
    found = {it.parent for name in (STATE, MANIFEST) for it in folder.glob(f"checkpoint-*/{name}")}
    for path in sorted(found, key=step_of, reverse=True):
        if not (fault := fault_of(path)):
            return path
        log.warning("Ignoring the checkpoint %s: %s.", path, fault)
    return None


def step_of(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


def fault_of(checkpoint: Path) -> str:
    """What is wrong with the files of a checkpoint, "" if nothing is.

    They are compared with the manifest. A checkpoint of an earlier version, or of a run killed
    before writing it, has none: then only what the file formats allow is checked.
    """
    different = difference(checkpoint)
    if different:
        return different
    state = read_state(checkpoint / STATE)
    if state is None or state.get("global_step") != step_of(checkpoint):
        return f"{STATE} is missing or damaged"
    return _fault_of_form(checkpoint) if different is None else ""


def _fault_of_form(checkpoint: Path) -> str:
    files = [path for path in sorted(checkpoint.rglob("*")) if path.is_file()]
    names = {path.name for path in files}
    if missing := sorted(_needed(checkpoint) - names):
        return f"{missing[0]} is missing"
    for path in files:
        if path.suffix == ".safetensors" and not _is_whole_safetensors(path):
            return f"{path.name} is cut short or damaged"
        if path.suffix in ARCHIVES and not zipfile.is_zipfile(path):
            return f"{path.name} is cut short or damaged"
    return ""


def _needed(checkpoint: Path) -> set[str]:
    """Files that a resume needs; those of several processes have other names."""
    if any(any(checkpoint.glob(f"{name}*")) for name in OF_PROCESSES):
        return set()
    index = read_state(checkpoint / INDEX)
    weights = index.get("weight_map") if index is not None else None
    shards = {str(it) for it in weights.values()} if isinstance(weights, dict) else {WEIGHTS}
    return {"optimizer.pt", "scheduler.pt", *shards}


def read_state(path: Path) -> Mapping[str, Any] | None:
    """The JSON object in a file; None if it is missing or cannot be read."""
    try:
        return read_object(path)
    except (FileNotFoundError, InputError):
        return None


def _is_whole_safetensors(path: Path) -> bool:
    """Whether the file has the length given in its header.

    The format: 8 bytes, the length of the header; the header, JSON; the tensors
    (https://github.com/huggingface/safetensors#format).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= min(LONGEST_HEADER, size - 8):
            return False
        try:
            header = json.loads(file.read(length))
            ends = [
                tensor["data_offsets"][1] for name, tensor in header.items() if name[:2] != "__"
            ]
            return 8 + length + max(ends, default=0) == size
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            return False


class BestSaved(TrainerCallback):
    """Saves a checkpoint at each evaluation that is the best so far, so that it can be kept.

    The trainer itself only saves every `save_steps`, and the best may lie between two of those.
    """

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        """A resumed state has the full path of the best, but the folder may have moved since.

        A best checkpoint that is damaged or missing is ignored: the next one becomes the best.
        """
        if state.best_global_step is None:
            return
        best = Path(str(args.output_dir)) / f"checkpoint-{state.best_global_step}"
        resumed = state.best_global_step == state.global_step  # resumed from it, so it was checked
        fault = "" if resumed else fault_of(best)
        if not fault:
            state.best_model_checkpoint = str(best)
            return
        log.warning(
            "Ignoring the best checkpoint %s: %s. The best is chosen among the evaluations from "
            "here on.",
            best,
            fault,
        )
        state.best_global_step = state.best_metric = state.best_model_checkpoint = None

    def on_evaluate(self, args: Any, state: TrainerState, control: Any, **more: Any) -> None:
        loss, best = more["metrics"]["eval_loss"], state.best_metric
        if best is None or loss < best:
            control.should_save = True
