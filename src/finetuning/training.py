"""Full fine-tuning with TRL's SFTTrainer on samples that are already token ids."""

from __future__ import annotations

import logging
import math
import shutil
from dataclasses import asdict
from typing import Any

import torch
from accelerate import PartialState
from transformers import PrinterCallback
from transformers.integrations.fsdp import is_fsdp_enabled
from transformers.utils import logging as transformers_logging
from trl.trainer.sft_config import SFTConfig

from ..utils.config import record, replace
from ..utils.errors import InputError
from ..utils.files.atomic import writable_folder
from ..utils.files.locks import locked
from ..utils.files.run_record import versions
from ..utils.precision import bfloat16_is_fast
from ..utils.prompt_files import load_prompt, prompt_hash
from .base_model import fit, load_model
from .branches import attend_by_branch
from .checkpoints import BestSaved
from .checks import (
    count_parameters,
    require_integration,
    require_new_place,
    require_one_device,
    require_rows,
    require_space,
)
from .config import FinetuneConfig
from .history import Best, Training
from .model_files import finish, prepare_push
from .number_format import use_precision
from .presentations import PROMPTS
from .repairs import repair
from .run_folder import checkpoints_folder, open_run, remove_empty, software_of
from .sample_rows import RightPadding
from .tag_tokens import add_tag_tokens
from .tokenization import (
    ALONE,
    Samples,
    Team,
    build_samples,
    filled_up,
    rows_hash,
    sound_trajectories,
)
from .trained_loss import add_trained_loss
from .trained_model import SPARE, rehearse
from .trainer import CountingTrainer, PlainProgress

log = logging.getLogger(__name__)

VERSIONED = ("accelerate", "deepspeed", "torch", "transformers", "trl")
LOGGING_STEPS = 10
SAMPLES = "samples"
"""In the checkpoint folder, during training: the training data as token ids."""


def train(recipe: FinetuneConfig) -> dict[str, float]:
    """Fine-tune and save a folder that vLLM can serve; returns the trainer's metrics.

    They include `train_loss`, and this run's `trained_tokens` in total and per second.
    """
    transformers_logging.disable_progress_bar()
    arguments, prompt = trainer_arguments(recipe), load_prompt(PROMPTS[recipe.presentation])
    require_one_device(arguments.n_gpu)
    require_new_place(recipe.model, recipe.data, recipe.output)
    require_integration(recipe.report_to)
    if arguments.process_index:
        return _train(recipe, arguments, prompt)
    checkpoints = checkpoints_folder(recipe.output)
    writable_folder(checkpoints.parent, "choose another --output")
    place = recipe.output.resolve()
    with locked(place.with_name(f".{place.name}.lock"), f"{recipe.output}"):
        if recipe.push_to_hub:
            prepare_push(recipe.push_to_hub, private=recipe.private)
        try:
            return _train(recipe, arguments, prompt)
        finally:
            shutil.rmtree(checkpoints / SAMPLES, ignore_errors=True)
            remove_empty(checkpoints)


def _train(recipe: FinetuneConfig, arguments: SFTConfig, prompt: str) -> dict[str, float]:
    splits = ["train", "test"] if recipe.eval_steps else ["train"]
    settings = recipe.model_dump(mode="json") | {
        # Under the trainer's own name, as recorded by runs so far.
        "max_steps": recipe.max_steps or -1,
        "prompt": prompt_hash(prompt),
        "rows": {split: hash_of(recipe, split) for split in splits},
        "processes": arguments.world_size,
        "distributed": kind_of(arguments.distributed_state),
        "versions": versions(VERSIONED),
    }
    checkpoint = open_run(recipe.output, settings, resume=recipe.resume)
    settings["software"] = software_of(recipe.output)
    tokenizer, model, unreadable = load_model(recipe.model)
    max_length, limits = fit(tokenizer, model.config, recipe.max_length)
    given, recipe = recipe, replace(recipe, max_length=max_length)
    repairs = [*unreadable, *repair(tokenizer, model), *limits]
    for note in repairs:
        log.warning("%s", note)
    tags = None
    if recipe.tag_tokens == "on":
        trajectories = sound_trajectories(recipe.data, recipe.presentation)
        tags = add_tag_tokens(recipe.model, tokenizer, model, trajectories)
        log.info("%s", tags)
    if recipe.presentation == "trie":
        attend_by_branch(model, recipe.max_length)
    add_trained_loss(model)
    processes = arguments.distributed_state
    settings["precision"] = use_precision(arguments, recipe, lambda: bfloat16_is_fast(model))
    team = Team(processes.process_index, processes.num_processes, processes.wait_for_everyone)
    train_data = samples_of(recipe, "train", tokenizer, team)
    eval_data = samples_of(recipe, "test", tokenizer, team) if recipe.eval_steps else None
    require_rows(len(train_data.rows), arguments.world_size)
    saves = expected_saves(recipe, len(train_data.rows), arguments.world_size)
    require_space(count_parameters(model), saves, checkpoints_folder(recipe.output))
    rehearse(model, tokenizer, checkpoints_folder(recipe.output))
    counts = {"train": asdict(train_data.counts)}
    if eval_data is not None:
        counts["test"] = asdict(eval_data.counts)
        # So that no process repeats rows to fill its last batch, which would count them twice.
        at_once = arguments.world_size * recipe.batch_size
        eval_data = eval_data._replace(rows=filled_up(eval_data.rows, at_once))
    trainer = CountingTrainer(
        model=model,
        args=arguments,
        train_dataset=train_data.rows,
        eval_dataset=eval_data.rows if eval_data is not None else None,
        data_collator=RightPadding(int(tokenizer.pad_token_id)),
        processing_class=tokenizer,
        callbacks=[BestSaved(), PlainProgress()],
    )
    trainer.remove_callback(PrinterCallback)
    outcome = trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    spare = checkpoints_folder(recipe.output) / SPARE
    folder = trainer.save_served(recipe.output, spare)
    metrics = trainer.of_all_processes(outcome.metrics)
    try:
        if trainer.is_world_process_zero():
            state = trainer.state
            best = (
                Best(state.best_global_step, state.best_metric)
                if recipe.eval_steps and state.best_global_step and state.best_metric is not None
                else None
            )
            training = Training(
                configuration=record(given),
                settings=settings,
                samples=counts,
                metrics=metrics,
                entries=state.log_history,
                best=best,
                repairs=repairs,
                prompt=prompt,
                tag_tokens=tags,
            )
            finish(training, model, tokenizer, folder, recipe.output)
    finally:
        # A process that ends right after a collective operation may abort: a thread of the
        # operation still releases tensors while the interpreter shuts down.
        processes.wait_for_everyone()
    return metrics


def expected_saves(recipe: FinetuneConfig, rows: int, processes: int) -> int:
    """The number of checkpoints that a complete training run writes."""
    every = recipe.save_steps or recipe.eval_steps
    if not every:
        return 0
    batches = math.ceil(rows / (recipe.batch_size * processes))
    steps = math.ceil(recipe.epochs * math.ceil(batches / recipe.gradient_accumulation))
    return math.ceil((recipe.max_steps or steps) / every)


def hash_of(recipe: FinetuneConfig, split: str) -> str:
    try:
        return rows_hash(recipe.data, split, recipe.presentation)
    except InputError as error:
        if split == "train":
            raise
        raise InputError(f"{error} Without rows to evaluate on, set EVAL_STEPS=0.") from error


def kind_of(state: PartialState) -> str:
    """How several processes share the model; accelerate's state does not distinguish plain FSDP."""
    return "FSDP" if is_fsdp_enabled() else str(state.distributed_type.value)


def samples_of(recipe: FinetuneConfig, split: str, tokenizer: Any, team: Team = ALONE) -> Samples:
    folder = checkpoints_folder(recipe.output) / SAMPLES
    folder.mkdir(parents=True, exist_ok=True)
    return build_samples(
        recipe.data,
        split,
        recipe.presentation,
        tokenizer,
        folder,
        max_length=recipe.max_length,
        on_overlong=recipe.on_overlong,
        special_tokens=recipe.special_tokens,
        team=team,
    )


def trainer_arguments(recipe: FinetuneConfig) -> SFTConfig:
    evaluates = recipe.eval_steps > 0
    save_steps = recipe.save_steps or recipe.eval_steps
    if evaluates and save_steps % recipe.eval_steps:
        raise InputError(
            f"--save_steps is {save_steps}, --eval_steps {recipe.eval_steps}: set --save_steps to "
            "a multiple of --eval_steps, so that the best checkpoint is saved."
        )
    return SFTConfig(
        output_dir=str(checkpoints_folder(recipe.output)),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps or -1,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        # From 1 on the trainer reads it as a number of steps.
        warmup_steps=min(recipe.warmup, math.nextafter(1, 0)),
        weight_decay=recipe.weight_decay,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        train_sampling_strategy="group_by_length" if recipe.sampling == "by_length" else "random",
        max_length=None,  # build_samples has dropped and counted longer samples
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        bf16=bfloat16_is_fast() if recipe.precision == "auto" else recipe.precision == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=recipe.gradient_checkpointing,
        eval_strategy="steps" if evaluates else "no",
        eval_steps=recipe.eval_steps if evaluates else None,
        save_strategy="steps" if save_steps else "no",
        save_steps=save_steps or 500,
        save_total_limit=2,
        load_best_model_at_end=evaluates,
        logging_steps=LOGGING_STEPS,
        logging_first_step=True,
        ddp_find_unused_parameters=False,
        disable_tqdm=True,  # PlainProgress reports instead
        report_to=recipe.report_to,
        seed=recipe.seed,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
