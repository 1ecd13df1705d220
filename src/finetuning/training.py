"""Full fine-tuning with TRL's SFTTrainer on samples that are already token ids."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PrinterCallback,
    TrainerCallback,
    TrainerState,
)
from transformers.trainer_utils import get_last_checkpoint
from transformers.utils import logging as transformers_logging
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from ..utils.atomic import writable_folder
from ..utils.errors import InputError
from ..utils.precision import bfloat16_is_fast
from ..utils.progress import Progress
from .branches import attend_by_branch
from .collate import RightPadding
from .data import build_samples
from .presentations import Presentation

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recipe:
    """What is trained on what, and how. Defaults are the paper's for a 7B model."""

    model: str
    data: Path
    output: Path
    presentation: Presentation = "per_call"
    epochs: float = 5
    max_steps: int = -1
    """Overrides `epochs` where positive."""
    learning_rate: float = 1e-5
    warmup: float = 0.05
    """Share of the steps over which the learning rate rises; it then falls linearly to 0."""
    weight_decay: float = 1e-4
    batch_size: int = 1
    """Samples a step and device."""
    gradient_accumulation: int = 16
    max_length: int = 7168
    """Tokens; longer samples are counted and dropped, or fail the run (`on_overlong`)."""
    on_overlong: str = "drop"
    eval_steps: int = 100
    """Steps between evaluations, of which the best checkpoint is kept; 0 = no evaluation."""
    gradient_checkpointing: bool = True
    seed: int = 0
    report_to: str = "none"
    resume: bool = False


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


def load_model(name: str) -> tuple[Any, Any]:
    """Tokenizer, and model with float32 weights: bfloat16 would swallow small updates."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(
            f"Cannot load the model {name!r}: give a name on the hub or a local folder. "
            f"The loader says: {reason}"
        ) from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer, model


def train(recipe: Recipe) -> dict[str, float]:
    """Fine-tune, and save a folder that vLLM serves as it is; returns the trainer's metrics."""
    transformers_logging.disable_progress_bar()
    writable_folder(recipe.output, "choose another --output")
    checkpoint = _checkpoint(recipe)
    tokenizer, model = load_model(recipe.model)
    if recipe.presentation == "trie":
        attend_by_branch(model)
    train_data = samples_of(recipe, "train", tokenizer)
    eval_data = samples_of(recipe, "test", tokenizer) if recipe.eval_steps else None
    trainer = SFTTrainer(
        model=model,
        args=trainer_arguments(recipe),
        train_dataset=train_data,
        eval_dataset=eval_data,
        data_collator=RightPadding(int(tokenizer.pad_token_id)),
        processing_class=tokenizer,
        callbacks=[PlainProgress()],
    )
    trainer.remove_callback(PrinterCallback)
    outcome = trainer.train(resume_from_checkpoint=checkpoint)
    if not trainer.is_deepspeed_enabled and not trainer.is_fsdp_enabled:
        model.to(torch.bfloat16)  # as it is served
        model.config.dtype = torch.bfloat16
    trainer.save_model(str(recipe.output))
    tokenizer.save_pretrained(recipe.output)
    metrics: dict[str, float] = outcome.metrics
    return metrics


def samples_of(recipe: Recipe, split: str, tokenizer: Any) -> Dataset:
    return build_samples(
        recipe.data,
        split,
        recipe.presentation,
        tokenizer,
        max_length=recipe.max_length,
        on_overlong=recipe.on_overlong,
    )


def _checkpoint(recipe: Recipe) -> str | None:
    """The last checkpoint, where the recipe resumes."""
    if not recipe.resume:
        return None
    folder = recipe.output / "checkpoints"
    last = get_last_checkpoint(str(folder)) if folder.is_dir() else None
    if last is None:
        raise InputError(
            f"{folder} holds no checkpoint to resume from: leave out --resume. (Checkpoints are "
            "written every --eval_steps steps.)"
        )
    return str(last)


def trainer_arguments(recipe: Recipe) -> SFTConfig:
    evaluates = recipe.eval_steps > 0
    return SFTConfig(
        output_dir=str(recipe.output / "checkpoints"),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=recipe.warmup,
        weight_decay=recipe.weight_decay,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        train_sampling_strategy="group_by_length",
        max_length=None,  # build_samples has dropped and counted what is too long
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        bf16=bfloat16_is_fast(),
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=recipe.gradient_checkpointing,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=recipe.eval_steps if evaluates else None,
        save_strategy="steps" if evaluates else "no",
        save_steps=recipe.eval_steps if evaluates else 500,
        save_total_limit=2,
        load_best_model_at_end=evaluates,
        logging_steps=20,
        disable_tqdm=True,  # PlainProgress tells
        report_to=recipe.report_to,
        seed=recipe.seed,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
