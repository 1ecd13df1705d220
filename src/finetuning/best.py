"""The checkpoint of the best evaluation: saves it, and finds it complete in a resumed run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerState

from .checkpoints import fault_of

log = logging.getLogger(__name__)


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
