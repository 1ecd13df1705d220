"""Full fine-tuning with TRL's SFTTrainer on samples that are already token ids."""

from __future__ import annotations

import math
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from accelerate import PartialState
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback
from transformers.integrations.fsdp import is_fsdp_enabled
from transformers.integrations.integration_utils import get_available_reporting_integrations
from transformers.utils import logging as transformers_logging
from trl.trainer.sft_config import SFTConfig

from ..utils.atomic import writable_folder, write_text
from ..utils.errors import InputError
from ..utils.locks import locked
from ..utils.precision import bfloat16_is_fast
from ..utils.prompts import load_prompt, prompt_hash
from ..utils.run_record import versions
from .branches import attend_by_branch
from .collate import RightPadding
from .data import ALONE, Samples, SpecialTokenPolicy, Team, build_samples, filled_up, rows_hash
from .history import Best, write_history
from .presentations import PROMPTS, Presentation
from .run_folder import open_run
from .trainer import BestSaved, CountingTrainer, PlainProgress

VERSIONED = ("accelerate", "deepspeed", "torch", "transformers", "trl")
Sampling = Literal["random", "by_length"]
LOGGING_STEPS = 10
PROMPT = "prompt.txt"
"""In the folder of the model: the text that all it was trained on begins with."""
SAMPLES = "samples"
"""In the same folder, while it is trained: what it is trained on, as token ids."""


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
    special_tokens: SpecialTokenPolicy = "remove"
    """What becomes of special tokens that stand in texts; `drop` leaves out their rows."""
    eval_steps: int = 100
    """Steps between evaluations, of which the best checkpoint is kept; 0 = no evaluation."""
    save_steps: int = 0
    """Steps between checkpoints, from which a run can be resumed; 0 = one at each evaluation."""
    sampling: Sampling = "random"
    """`by_length` puts samples of about the same length into a batch, the longest of each part of
    the data first: less padding, but batches of one kind of call."""
    gradient_checkpointing: bool = True
    seed: int = 0
    report_to: str = "none"
    resume: bool = False


def load_model(name: str) -> tuple[Any, Any]:
    """Tokenizer, and model with float32 weights: bfloat16 would swallow small updates."""
    is_path = name.startswith((".", "/", "~")) or name.count("/") > 1  # no name on the hub
    if is_path and not Path(name).is_dir():
        raise InputError(f"There is no folder {name}: correct the path of the base model.")
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
    """Fine-tune, and save a folder that vLLM serves as it is; returns the trainer's metrics.

    Among them `train_loss`, and `trained_tokens` of this run with their number a second.
    """
    transformers_logging.disable_progress_bar()
    arguments, prompt = trainer_arguments(recipe), load_prompt(PROMPTS[recipe.presentation])
    require_one_device(arguments.n_gpu)
    require_new_place(recipe.model, recipe.output)
    require_integration(recipe.report_to)
    if arguments.process_index:
        return _train(recipe, arguments, prompt)
    writable_folder(recipe.output.parent, "choose another --output")
    with locked(recipe.output.with_name(f".{recipe.output.name}.lock"), f"{recipe.output}"):
        try:
            return _train(recipe, arguments, prompt)
        finally:
            shutil.rmtree(recipe.output / SAMPLES, ignore_errors=True)


def _train(recipe: Recipe, arguments: SFTConfig, prompt: str) -> dict[str, float]:
    splits = ["train", "test"] if recipe.eval_steps else ["train"]
    settings = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in asdict(recipe).items()
    } | {
        "prompt": prompt_hash(prompt),
        "rows": {split: hash_of(recipe, split) for split in splits},
        "processes": arguments.world_size,
        "distributed": kind_of(arguments.distributed_state),
        "versions": versions(VERSIONED),
    }
    checkpoint = open_run(recipe.output, settings, resume=recipe.resume)
    tokenizer, model = load_model(recipe.model)
    if recipe.presentation == "trie":
        attend_by_branch(model)
    processes = arguments.distributed_state
    team = Team(processes.process_index, processes.num_processes, processes.wait_for_everyone)
    train_data = samples_of(recipe, "train", tokenizer, team)
    eval_data = samples_of(recipe, "test", tokenizer, team) if recipe.eval_steps else None
    counts = {"train": asdict(train_data.counts)}
    if eval_data is not None:
        counts["test"] = asdict(eval_data.counts)
        # So that no process repeats rows to fill its last batch, which would then count twice.
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
    trainer.save_served(recipe.output)
    metrics = trainer.of_all_processes(outcome.metrics)
    if trainer.is_world_process_zero():
        write_text(recipe.output / PROMPT, f"{prompt}\n")
        share_weights(recipe.output)
        state = trainer.state
        best = (
            Best(state.best_global_step, state.best_metric)
            if recipe.eval_steps and state.best_global_step and state.best_metric is not None
            else None
        )
        write_history(recipe.output, settings, counts, metrics, state.log_history, best)
    return metrics


def hash_of(recipe: Recipe, split: str) -> str:
    try:
        return rows_hash(recipe.data, split, recipe.presentation)
    except InputError as error:
        if split == "train":
            raise
        raise InputError(f"{error} Without rows to evaluate on, set EVAL_STEPS=0.") from error


def kind_of(state: PartialState) -> str:
    """How several processes share the model; to accelerate's state, FSDP is plain parallelism."""
    return "FSDP" if is_fsdp_enabled() else str(state.distributed_type.value)


def share_weights(output: Path) -> None:
    """Weights are saved for their owner alone, whatever the umask says, and a server may be another
    user.
    """
    mode = (output / "config.json").stat().st_mode
    for weights in output.glob("*.safetensors"):
        weights.chmod(mode)


def require_one_device(gpus: int) -> None:
    """Raise InputError where the trainer would split the batches of one process over GPUs."""
    if gpus > 1:
        raise InputError(
            f"One process sees {gpus} GPUs: start it by run/run_finetune.sh, which runs a process "
            "on each, or set CUDA_VISIBLE_DEVICES to one of them."
        )


def require_new_place(model: str, output: Path) -> None:
    """Raise InputError where the trained model would take the place of the base model."""
    if output.resolve() == Path(model).resolve():
        raise InputError(f"--output {output} is the base model itself: choose another folder.")


def require_integration(name: str) -> None:
    """Raise InputError where the losses cannot be reported to `name`."""
    known = get_available_reporting_integrations()
    if name not in ("none", "all", *known):
        raise InputError(
            f"--report_to {name} is not installed or unknown: choose none"
            f"{''.join(f', {other}' for other in known)}, or install it."
        )


def samples_of(recipe: Recipe, split: str, tokenizer: Any, team: Team = ALONE) -> Samples:
    folder = recipe.output / SAMPLES
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


def trainer_arguments(recipe: Recipe) -> SFTConfig:
    evaluates = recipe.eval_steps > 0
    save_steps = recipe.save_steps or recipe.eval_steps
    if evaluates and save_steps % recipe.eval_steps:
        raise InputError(
            f"--save_steps is {save_steps}, --eval_steps {recipe.eval_steps}: to keep the best "
            "evaluated checkpoint, save at a multiple of the steps between evaluations."
        )
    return SFTConfig(
        output_dir=str(recipe.output / "checkpoints"),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps,
        learning_rate=recipe.learning_rate,
        lr_scheduler_type="linear",
        # From 1 on the trainer takes it for a number of steps.
        warmup_steps=min(recipe.warmup, math.nextafter(1, 0)),
        weight_decay=recipe.weight_decay,
        per_device_train_batch_size=recipe.batch_size,
        per_device_eval_batch_size=recipe.batch_size,
        gradient_accumulation_steps=recipe.gradient_accumulation,
        train_sampling_strategy="group_by_length" if recipe.sampling == "by_length" else "random",
        max_length=None,  # build_samples has dropped and counted what is too long
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        bf16=bfloat16_is_fast(),
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
        disable_tqdm=True,  # PlainProgress tells
        report_to=recipe.report_to,
        seed=recipe.seed,
        dataloader_pin_memory=torch.cuda.is_available(),
    )
