"""The number format in which a run computes; its weights are always float32."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

import torch
from accelerate.utils import broadcast_object_list
from trl.trainer.sft_config import SFTConfig

from ..utils.files.atomic import write_json
from .checkpoints import read_state
from .run_folder import SETTINGS, checkpoints_folder

log = logging.getLogger(__name__)

Precision = Literal["float32", "bfloat16"]
PRECISION = "precision"
"""Its name among the settings."""


def use_precision(
    arguments: SFTConfig, output: Path, bfloat16_is_fast: Callable[[], bool]
) -> Precision:
    """Set the precision in `arguments`, the same in all processes, and return it.

    On a GPU they have it from the start. On a CPU the first process chooses, unless the run in
    `output` is resumed: it keeps its own.
    """
    if torch.cuda.is_available():
        return "bfloat16" if arguments.bf16 else "float32"
    processes = arguments.distributed_state
    processes.wait_for_everyone()  # until each has written the settings to which this adds
    settled: Precision | None = None
    if processes.is_main_process:
        settled = _settled(output, bfloat16_is_fast)
        log.info("Computing in %s", settled)
    found: list[Precision] = broadcast_object_list([settled])
    arguments.bf16 = found[0] == "bfloat16"
    arguments.mixed_precision = "bf16" if arguments.bf16 else "no"
    return found[0]


def _settled(output: Path, bfloat16_is_fast: Callable[[], bool]) -> Precision:
    """The precision of the run so far; of a new run, the faster one, now recorded."""
    path = checkpoints_folder(output) / SETTINGS
    settings = read_state(path) or {}
    if settings.get(PRECISION) in get_args(Precision):
        kept: Precision = settings[PRECISION]
        return kept
    chosen: Precision = "bfloat16" if bfloat16_is_fast() else "float32"
    write_json(path, {**settings, PRECISION: chosen})
    return chosen
