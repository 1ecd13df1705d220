"""Cheap checks before training starts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from transformers.integrations.integration_utils import get_available_reporting_integrations

from ..utils.errors import InputError


def require_one_device(gpus: int) -> None:
    """Raise InputError if the trainer would split the batches of one process over GPUs."""
    if gpus > 1:
        raise InputError(
            f"One process sees {gpus} GPUs: start it with run/run_finetune.sh, which runs one "
            "process per GPU, or set CUDA_VISIBLE_DEVICES to one of them."
        )


def require_new_place(model: str, data: Path, output: Path) -> None:
    """Raise InputError if the trained model would overwrite its own input."""
    if not output.resolve().name:
        raise InputError(f"--output is {output}: choose a folder that is not the root.")
    for what, place in (("base model", Path(model)), ("data", data)):
        if output.resolve() == place.resolve():
            raise InputError(f"--output {output} is the {what} itself: choose another folder.")


def require_integration(name: str) -> None:
    """Raise InputError if the losses cannot be reported to `name`."""
    known = get_available_reporting_integrations()
    if name not in ("none", "all", *known):
        raise InputError(
            f"--report_to {name} is not installed or unknown: choose none"
            f"{''.join(f', {other}' for other in known)}, or install it."
        )


def require_rows(rows: int, processes: int) -> None:
    """Raise InputError if a process would have nothing to train on."""
    if rows < processes:
        raise InputError(
            f"There are {rows} samples for {processes} processes: start at most {rows} (NUM_GPUS "
            "or CPU_PROCESSES), or give more data."
        )


SERVED = 2
"""Bytes per parameter of the trained model, in bfloat16."""
CHECKPOINT = 12
"""Bytes per parameter of a checkpoint: the weights and both moments of AdamW, in float32."""
KEPT = 2
"""Checkpoints that are kept: the last and the best."""
GB = 1e9


def count_parameters(model: Any) -> int:
    """Tied weights count once; a model sharded by ZeRO-3 counts in full."""
    return sum(int(getattr(it, "ds_numel", it.numel())) for it in model.parameters())


def needed_bytes(parameters: int, saves: int) -> int:
    """For the trained model, and for the checkpoints of a run that writes `saves` of them: each is
    written before an older one is removed.
    """
    return parameters * (SERVED + CHECKPOINT * min(saves, KEPT + 1))


def require_space(parameters: int, saves: int, folder: Path) -> None:
    """Raise InputError if the disk of `folder` is too full.

    Checkpoints in it count as free if the run resumes: they are replaced.
    """
    earlier = folder.glob("checkpoint-*/**/*")
    there = sum(path.stat().st_size for path in earlier if path.is_file())
    needed = needed_bytes(parameters, saves)
    free = shutil.disk_usage(folder).free + there
    if needed > free:
        raise InputError(
            f"The trained model and up to {min(saves, KEPT + 1)} checkpoints take about "
            f"{needed / GB:.3g} GB, and the disk of {folder} has {free / GB:.3g} GB left: free up "
            "space, choose another --output, or set --eval_steps and --save_steps to 0 to write "
            "no checkpoints."
        )
