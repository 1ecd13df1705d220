"""Which checkpoints are whole (a full disk cuts the last one short), and the best is kept."""

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
"""How the folders begin that ZeRO-3 and FSDP2 write, each process its share."""
LONGEST_HEADER = 100_000_000
"""Bytes of the header of a safetensors file, by its format."""
ARCHIVES = (".pt", ".pth", ".bin")
"""Endings of what PyTorch saves, which are zip archives: their table of contents comes last."""


def last_checkpoint(folder: Path) -> Path | None:
    """The last whole one; of each later one a warning says what is wrong.

    The state is written after the rest, and then the manifest: without both the run was killed
    meanwhile, and nothing is said.
    """
    found = {it.parent for name in (STATE, MANIFEST) for it in folder.glob(f"checkpoint-*/{name}")}
    for path in sorted(found, key=step_of, reverse=True):
        if not (fault := fault_of(path)):
            return path
        log.warning("The checkpoint %s is left out: %s.", path, fault)
    return None


def step_of(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdecimal() else -1


def fault_of(checkpoint: Path) -> str:
    """What is wrong with the files of a checkpoint, "" where nothing is.

    They are compared with the manifest. One of an earlier version has none, or one whose run was
    killed before it: there what the formats tell of themselves is checked.
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
    """Files without which a run cannot go on; those of several processes have other names."""
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
    """Whether the file has the length that its header tells.

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

    The trainer itself saves every `save_steps` alone, and the best may lie between two of those.
    """

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        """A resumed state names the best by its whole path; the folder may have been moved since.

        A best that is damaged or gone is forgotten: the next evaluation is the best then.
        """
        if state.best_global_step is None:
            return
        best = Path(str(args.output_dir)) / f"checkpoint-{state.best_global_step}"
        resumed = state.best_global_step == state.global_step  # from it, so it was checked
        fault = "" if resumed else fault_of(best)
        if not fault:
            state.best_model_checkpoint = str(best)
            return
        log.warning(
            "The best checkpoint %s is left out: %s. The best is chosen among the evaluations from "
            "here on.",
            best,
            fault,
        )
        state.best_global_step = state.best_metric = state.best_model_checkpoint = None

    def on_evaluate(self, args: Any, state: TrainerState, control: Any, **more: Any) -> None:
        loss, best = more["metrics"]["eval_loss"], state.best_metric
        if best is None or loss < best:
            control.should_save = True
