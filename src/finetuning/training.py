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
from ..utils.datasets_io import DataSource, load_rows
from ..utils.errors import InputError
from ..utils.progress import Progress
from .presentations import COLUMNS, IGNORED, Presentation, samples

log = logging.getLogger(__name__)

Batch = dict[str, torch.Tensor]


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


class RightPadding:
    """Puts samples into one batch, padded on the right.

    A causal model needs no mask then: what is padded comes after every token that carries loss.
    """

    def __init__(self, pad: int) -> None:
        self.pad = pad

    def __call__(self, rows: list[dict[str, list[int]]]) -> Batch:
        """input_ids, labels and position_ids, each (batch, longest)."""
        width = max(len(row["input_ids"]) for row in rows)
        ids = torch.full((len(rows), width), self.pad)
        labels = torch.full((len(rows), width), IGNORED)
        for index, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[index, :length] = torch.tensor(row["input_ids"])
            labels[index, :length] = torch.tensor(row["labels"])
        positions = torch.arange(width).expand(len(rows), width)
        return {"input_ids": ids, "labels": labels, "position_ids": positions}


def build_samples(recipe: Recipe, split: str, tokenizer: Any) -> Dataset:
    """The token ids of a split under the recipe's presentation; reports what was too long."""
    rows = load_rows(DataSource(str(recipe.data), split=split))
    lacking = [name for name in COLUMNS[recipe.presentation] if name not in rows.column_names]
    if lacking:
        raise InputError(
            f"{recipe.data} has no column {', '.join(lacking)}, which {recipe.presentation} "
            "needs: give a folder that run/run_finetuning_data_preparation.sh has written."
        )
    kept, overlong = list[dict[str, Any]](), 0
    for row in rows:
        for sample in samples(row, recipe.presentation, tokenizer):
            if len(sample.ids) > recipe.max_length:
                overlong += 1
                continue
            kept.append(
                {"input_ids": sample.ids, "labels": sample.labels, "length": len(sample.ids)}
            )
    log.info(
        "%s: %d samples from %d trajectories, %d tokens, %d of them trained; %d samples over %d",
        split,
        len(kept),
        len(rows),
        sum(row["length"] for row in kept),
        sum(label != IGNORED for row in kept for label in row["labels"]),
        overlong,
        recipe.max_length,
    )
    if overlong and recipe.on_overlong == "error":
        raise InputError(
            f"{overlong} samples of {recipe.data} are longer than {recipe.max_length} tokens: "
            "raise --max_length, or let --on_overlong drop leave them out."
        )
    if not kept:
        raise InputError(
            f"{recipe.data} gives no sample of at most {recipe.max_length} tokens for its split "
            f"{split!r}: check the folder, or raise --max_length."
        )
    return Dataset.from_list(kept)


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
    train_data = build_samples(recipe, "train", tokenizer)
    eval_data = build_samples(recipe, "test", tokenizer) if recipe.eval_steps else None
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
        bf16=True,
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
