"""The checkpoint of the best evaluation: that it is saved, and found and whole in a resumed run."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerState

from .checkpoints import fault_of

log = logging.getLogger(__name__)


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
