"""TRL's trainer, extended with token counts and plain progress lines."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from transformers import TrainerCallback, TrainerState
from transformers.trainer_pt_utils import LengthGroupedSampler
from trl.trainer.sft_trainer import SFTTrainer

from ..utils.concurrency.progress import Progress
from ..utils.errors import SaveError, reason_of
from .manifest import write_manifest
from .presentations import IGNORED
from .trained_loss import LOSS, ROUTER_LOSS, next_labels
from .trained_model import save_weights

log = logging.getLogger(__name__)


class CountingTrainer(SFTTrainer):
    """Counts the tokens with loss, which are comparable between presentations.

    Evaluation loss is also per token: the trainer's own is a mean over batches, in which a short
    call counts as much as a long one.
    """

    counted = 0
    """Trained tokens of this process since the run started or resumed."""
    as_served: Path | None = None
    """Alternative folder for the trained model; None while checkpoints are saved."""
    saved_to = Path()
    """Where it was saved."""
    evaluated, evaluated_loss = 0, 0.0
    """Tokens of the current evaluation in this process, and the sum of their losses."""

    def create_model_card(self, *args: Any, **options: Any) -> None:
        """Disabled: the trainer would write a card with guesses into each checkpoint."""

    def save_served(self, output: Path, spare: Path) -> Path:
        """Save configuration and weights in bfloat16 for serving; each process must call.

        Returns the folder: `output`, or `spare` if `output` cannot be written. SaveError if neither
        can.
        """
        self.as_served, self.saved_to = spare, output
        if not self.is_deepspeed_enabled and not self.is_fsdp_enabled:
            cast(torch.nn.Module, self.model).to(torch.bfloat16)
        self.save_model(str(output))
        return self.saved_to

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        """`state_dict` is gathered from a model that several processes share."""
        if self.as_served is None:
            super()._save(output_dir, state_dict)
            return
        if state_dict is not None:
            tied = getattr(self.model, "all_tied_weights_keys", {})  # else written twice
            state_dict = {
                name: value.to(torch.bfloat16)
                for name, value in state_dict.items()
                if name not in tied
            }
        if self.args.should_save:
            folders = [self.saved_to, self.as_served]
            checkpoints = Path(str(self.args.output_dir))
            self.saved_to = save_weights(cast(Any, self.model), state_dict, folders, checkpoints)

    def _save_checkpoint(self, *args: Any, **options: Any) -> None:
        """Training continues without a checkpoint that cannot be written."""
        folder = Path(str(self.args.output_dir)) / f"checkpoint-{self.state.global_step}"
        try:
            super()._save_checkpoint(*args, **options)  # type: ignore[no-untyped-call]
            self.accelerator.wait_for_everyone()  # until each process has written its shard
            if self.args.should_save:
                write_manifest(folder)
        except (OSError, RuntimeError, SafetensorError) as error:
            if self.accelerator.num_processes > 1:  # the others wait for this one
                raise SaveError(
                    f"Cannot write {folder} ({reason_of(error)}): free up space, then resume with "
                    "--resume from the previous checkpoint."
                ) from error
            shutil.rmtree(folder, ignore_errors=True)
            log.warning(
                "Cannot write %s (%s): training continues without this checkpoint.",
                folder,
                reason_of(error),
            )

    def compute_loss(
        self,
        model: Any,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Any = None,
    ) -> Any:
        """The mean per trained token of all processes and accumulated batches, if their number is
        given (during training), else of this batch. Without the trainer's entropy and accuracy,
        which take most of a step on a CPU.
        """
        labels = next_labels(inputs)
        tokens = int((labels != IGNORED).sum())
        options = {name: value for name, value in inputs.items() if "labels" not in name}
        if self.aux_loss_enabled:
            options["output_router_logits"] = True
        losses = model(**options, next_labels=labels, use_cache=False)
        loss, router = losses[LOSS], losses.get(ROUTER_LOSS)
        given = num_items_in_batch is not None
        loss = loss / torch.as_tensor(num_items_in_batch if given else tokens).clamp(min=1)
        if given and self.args.average_tokens_across_devices:
            loss = loss * self.accelerator.num_processes  # whose gradients are averaged
        if router is not None:
            steps = self.current_gradient_accumulation_steps if given else 1
            loss = loss + self.router_aux_loss_coef * router / steps
        if model.training:
            self.counted += tokens
        else:
            self.evaluated += tokens
            self.evaluated_loss += float(loss) * tokens
        return (loss, losses) if return_outputs else loss

    def evaluation_loop(self, *args: Any, **options: Any) -> Any:
        self.evaluated, self.evaluated_loss = 0, 0.0
        output = super().evaluation_loop(*args, **options)
        loss, tokens = self._sum(self.evaluated_loss), self._sum(float(self.evaluated))
        metrics = (output.metrics or {}) | {"eval_loss": loss / max(1.0, tokens)}
        return output._replace(metrics=metrics)

    def _sum(self, value: float) -> float:
        """Sum over all processes; each must call."""
        own = torch.tensor(value, dtype=torch.float64, device=self.accelerator.device)
        return float(self.accelerator.reduce(own, "sum"))

    def of_all_processes(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """The metrics of a training, and the trained tokens; each process must call.

        They cover this run; of a resumed run, the steps after its checkpoint. The last log entry,
        which is from one process, gets the loss of all.
        """
        tokens = int(self._sum(float(self.counted)))
        loss = self._sum(metrics["train_loss"]) / self.accelerator.num_processes
        for entry in self.state.log_history[-1:]:
            entry.update({"train_loss": loss} if "train_loss" in entry else {})
        return dict(metrics) | {
            "train_loss": loss,
            "trained_tokens": tokens,
            "trained_tokens_per_second": tokens / metrics["train_runtime"],
        }

    def _get_train_sampler(self, *args: Any, **options: Any) -> Any:
        """The trainer's; one by length is reseeded for each epoch.

        Otherwise it draws from a state that a resumed run has lost, and the order changes.
        """
        found = super()._get_train_sampler(*args, **options)
        if isinstance(found, LengthGroupedSampler):
            return _ByLength(found, self.args.seed, self.state)
        return found


class _ByLength(LengthGroupedSampler):
    """Shuffles each epoch in an order that depends only on seed and epoch."""

    def __init__(self, of: LengthGroupedSampler, seed: int, state: TrainerState) -> None:
        super().__init__(of.batch_size, lengths=of.lengths, generator=torch.Generator())
        self.seed, self.state = seed, state

    def __iter__(self) -> Iterator[int]:
        epoch = round(self.state.epoch or 0, 6)  # progress: 1.6 is in the second epoch
        self.generator.manual_seed(self.seed * 1_000_003 + int(epoch))
        return iter(super().__iter__())  # type: ignore[no-untyped-call]


class PlainProgress(TrainerCallback):
    """Reports steps, time left and loss: a bar on a terminal, lines in a log."""

    def __init__(self) -> None:
        self.progress: Progress | None = None

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if state.is_world_process_zero:
            self.progress = Progress(state.max_steps, "fine-tuning, steps", state.global_step)

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if self.progress is not None:
            self.progress.advance()
        if state.global_step >= state.max_steps:
            control.should_log = True  # the curve includes the last steps

    def on_train_end(self, args: Any, state: TrainerState, control: Any, **_: Any) -> None:
        if self.progress is not None:
            self.progress.close()

    def on_log(self, args: Any, state: TrainerState, control: Any, **more: Any) -> None:
        values = {key: float(value) for key, value in more.get("logs", {}).items() if "loss" in key}
        if values and state.is_world_process_zero:
            log.info("step %d %s", state.global_step, values)
