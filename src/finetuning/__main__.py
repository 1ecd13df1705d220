"""Fine-tuning of a reasoning model on SPRINT trajectories, or on the same serial thoughts (RFT).

Started by run/run_finetune.sh under accelerate: one process on a CPU or a GPU, or several:
ZeRO-3 or FSDP2 on GPUs, plain data parallelism on CPUs.
The output folder is served by vLLM as it is.
"""

from __future__ import annotations

import argparse
import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import get_args

from accelerate import PartialState

from ..utils.cli import (
    above_zero,
    make_parser,
    not_negative,
    positive,
    run_main,
    seed,
    share,
    whole,
)
from ..utils.precision import denormals_flushed
from .data import SpecialTokenPolicy
from .presentations import Presentation
from .training import Recipe, Sampling, train

log = logging.getLogger(__name__)


def parse_arguments() -> argparse.Namespace:
    parser = make_parser(__doc__)
    parser.add_argument("--model", required=True, help="base model: hub name or local folder")
    parser.add_argument("--data", type=Path, required=True, help="folder of fine-tuning data")
    parser.add_argument("--output", type=Path, required=True, help="folder of the trained model")
    parser.add_argument(
        "--presentation",
        choices=get_args(Presentation),
        default=Recipe.presentation,
        help="one sequence a trajectory, one sample a call of inference, or the serial thought",
    )
    parser.add_argument(
        "--epochs",
        type=above_zero,
        default=Recipe.epochs,
        help="times that the data is gone through",
    )
    parser.add_argument(
        "--max_steps",
        type=positive,
        default=Recipe.max_steps,
        help="steps of the optimizer, in place of --epochs (default: by --epochs)",
    )
    parser.add_argument(
        "--learning_rate",
        type=above_zero,
        default=Recipe.learning_rate,
        help="highest learning rate",
    )
    parser.add_argument(
        "--warmup",
        type=share,
        default=Recipe.warmup,
        help="share of the steps, 0 to 1, over which the learning rate rises",
    )
    parser.add_argument(
        "--weight_decay",
        type=not_negative,
        default=Recipe.weight_decay,
        help="weight decay of AdamW",
    )
    parser.add_argument(
        "--batch_size", type=positive, default=Recipe.batch_size, help="samples a step and device"
    )
    parser.add_argument(
        "--gradient_accumulation",
        type=positive,
        default=Recipe.gradient_accumulation,
        help="batches whose gradients make one step of the optimizer",
    )
    parser.add_argument(
        "--max_length",
        type=positive,
        default=Recipe.max_length,
        help="tokens of a sample, of a trie of each call that it holds, at most",
    )
    parser.add_argument(
        "--on_overlong",
        choices=("drop", "error"),
        default=Recipe.on_overlong,
        help="what happens to samples above --max_length; they are counted in any case",
    )
    parser.add_argument(
        "--special_tokens",
        choices=get_args(SpecialTokenPolicy),
        default=Recipe.special_tokens,
        help="special tokens written out in texts, such as <|im_end|>, are removed, or their rows "
        "dropped; they are counted in any case and never trained on",
    )
    parser.add_argument(
        "--eval_steps",
        type=whole,
        default=Recipe.eval_steps,
        help="steps between two evaluations, of which the best model is kept; 0 = no evaluation",
    )
    parser.add_argument(
        "--save_steps",
        type=whole,
        default=Recipe.save_steps,
        help="steps between checkpoints, for --resume; 0 = one at each evaluation",
    )
    parser.add_argument(
        "--sampling",
        choices=get_args(Sampling),
        default=Recipe.sampling,
        help="order of the samples; by_length takes less padding, but batches of one kind of call",
    )
    parser.add_argument(
        "--gradient_checkpointing",
        action=argparse.BooleanOptionalAction,
        default=Recipe.gradient_checkpointing,
        help="less memory for about a third more time",
    )
    parser.add_argument("--seed", type=seed, default=Recipe.seed, help="of the order of the data")
    parser.add_argument(
        "--report_to", default=Recipe.report_to, help="none, trackio, wandb, tensorboard, …"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument(
        "--push_to_hub",
        metavar="NAME",
        default=Recipe.push_to_hub,
        help="push the trained model and its card to this name on the hub, with HF_TOKEN",
    )
    parser.add_argument(
        "--private",
        action=argparse.BooleanOptionalAction,
        default=Recipe.private,
        help="a model that is new on the hub is private",
    )
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if os.environ.get("RANK", "0") != "0":  # one of several processes tells
        logging.getLogger().setLevel(logging.WARNING)
    recipe = Recipe(**{field.name: getattr(arguments, field.name) for field in fields(Recipe)})
    try:
        with denormals_flushed():
            metrics = train(recipe)
    finally:
        # Several processes that just end may tear the connections of those still at work.
        PartialState().destroy_process_group()
    log.info("%s", {key: round(value, 4) for key, value in metrics.items()})
    log.info("Model: %s", recipe.output)


if __name__ == "__main__":
    run_main(main, "With --resume it goes on from its last checkpoint, if it has written one.")
