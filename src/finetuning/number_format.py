"""The number format in which a run computes; its weights are always float32."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import get_args

import torch
from accelerate.utils import broadcast_object_list
from trl.trainer.sft_config import SFTConfig

from ..utils.errors import InputError
from ..utils.files.atomic import write_json
from .checkpoints import read_state
from .config import FinetuneConfig, Precision
from .run_folder import SETTINGS, checkpoints_folder

log = logging.getLogger(__name__)

PRECISION = "precision"
"""Its name among the settings."""


def use_precision(
    arguments: SFTConfig, recipe: FinetuneConfig, bfloat16_is_fast: Callable[[], bool]
) -> Precision:
    """Set the precision in `arguments`, the same in all processes, and return it.

    A resumed run keeps its precision. In a new run the recipe chooses, else the first process; on a
    GPU the arguments have been made for one. Raises InputError for another than that of the run.
    """
    on_gpu, processes = torch.cuda.is_available(), arguments.distributed_state
    processes.wait_for_everyone()  # until each has written the settings to which this adds
    settled: Precision | None = None
    if processes.is_main_process:
        settled = _settled(recipe, (lambda: bool(arguments.bf16)) if on_gpu else bfloat16_is_fast)
        log.info("Computing in %s", settled)
    found: list[Precision] = broadcast_object_list([settled])
    if on_gpu and arguments.bf16 != (found[0] == "bfloat16"):
        raise _another(recipe, found[0])
    arguments.bf16 = found[0] == "bfloat16"
    arguments.mixed_precision = "bf16" if arguments.bf16 else "no"
    return found[0]


def _settled(recipe: FinetuneConfig, bfloat16_is_fast: Callable[[], bool]) -> Precision:
    """The precision of the run so far; of a new run, the recipe's or the faster one, recorded."""
    path = checkpoints_folder(recipe.output) / SETTINGS
    settings = read_state(path) or {}
    if settings.get(PRECISION) in get_args(Precision):
        kept: Precision = settings[PRECISION]
        if recipe.precision not in ("auto", kept):
            raise _another(recipe, kept)
        return kept
    chosen: Precision = "bfloat16" if bfloat16_is_fast() else "float32"
    write_json(path, {**settings, PRECISION: chosen})
    return chosen


def _another(recipe: FinetuneConfig, kept: Precision) -> InputError:
    return InputError(
        f"The run in {recipe.output} computes in {kept}: resume it with --precision {kept}."
    )
