"""TRL's trainer with what this stage adds: counted tokens, and progress in plain lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import torch
from transformers import TrainerCallback, TrainerState
from trl.trainer.sft_trainer import SFTTrainer

from ..utils.progress import Progress
from .presentations import IGNORED

log = logging.getLogger(__name__)


class CountingTrainer(SFTTrainer):
    """Counts the tokens that carry loss, which is what presentations have in common."""

    counted = 0
    """Trained tokens of this process, since the run began or was resumed."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], *args: Any, **options: Any) -> Any:
        if model.training:
            labels = inputs["shift_labels"] if "shift_labels" in inputs else inputs["labels"][:, 1:]
            self.counted += int((labels != IGNORED).sum())
        return super().compute_loss(model, inputs, *args, **options)  # type: ignore[no-untyped-call]

    def of_all_processes(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """The metrics of a training, and the trained tokens; each process has to ask."""
        device = self.accelerator.device
        counted = torch.tensor(self.counted, device=device)
        loss = torch.tensor(metrics["train_loss"], device=device)
        tokens = int(self.accelerator.reduce(counted, "sum"))
        return dict(metrics) | {
            "train_loss": float(self.accelerator.reduce(loss, "mean")),
            "trained_tokens": tokens,
            "trained_tokens_per_second": tokens / metrics["train_runtime"],
        }


class PlainProgress(TrainerCallback):
    """Steps done and time left, and the loss: a bar on a terminal, lines in a log."""

    def __init__(self) -> None:
        self.progress: Progress | None = None

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self.progress = Progress(state.max_steps, "fine-tuning, steps", state.global_step)

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if self.progress is not None:
            self.progress.advance()

    def on_train_end(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if self.progress is not None:
            self.progress.close()

    def on_log(self, args: Any, state: TrainerState, control: Any, **more: Any) -> None:
        values = {key: float(value) for key, value in more.get("logs", {}).items() if "loss" in key}
        if values and state.is_world_process_zero:
            log.info("step %d %s", state.global_step, values)
