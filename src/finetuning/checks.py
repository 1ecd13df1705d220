"""Cheap checks before training starts."""

from __future__ import annotations

from pathlib import Path

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
