"""Speed of fine-tuning on this machine, as a ratio to plain PyTorch.

    python benchmarks/training_speed.py MODEL DATA [--rows 4] [--rounds 3] [--precision bfloat16]

MODEL is the folder of a base model, DATA a folder of fine-tuning data (stage 3). Trains one epoch
on the first --rows trajectories in each presentation, with 16 samples per step as by default, in
alternation with plain PyTorch: forward and backward of the model's own loss on the `serial`
samples, with no optimizer. Each measurement has a process of its own. Prints tokens per second, the
ratio of total tokens per second to plain PyTorch in the same round (median and range), and the peak
resident memory.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple, get_args

import datasets
import torch
from sprint.finetuning.base_model import load_model
from sprint.finetuning.config import FinetuneConfig, Precision, Presentation
from sprint.finetuning.history import HISTORY
from sprint.finetuning.sample_rows import RightPadding, trained_tokens
from sprint.finetuning.training import samples_of, train
from sprint.utils.precision import denormals_flushed

PLAIN = "plain"
PRESENTATIONS: tuple[Presentation, ...] = ("serial", "per_call", "trie")
GIB = 1 << 30


class Job(NamedTuple):
    """One measurement; `checkpointing` is gradient checkpointing."""

    model: str
    data: Path
    what: str
    precision: Precision
    checkpointing: bool


class Speed(NamedTuple):
    tokens: int
    trained: int
    seconds: float
    peak: int
    """Bytes."""

    @property
    def rate(self) -> float:
        """Total tokens per second."""
        return self.tokens / self.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", help="folder of the base model")
    parser.add_argument("data", type=Path, help="folder of fine-tuning data")
    parser.add_argument("--rows", type=int, default=4, help="trajectories to train on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", choices=get_args(Precision), default="bfloat16")
    parser.add_argument("--presentations", nargs="+", choices=PRESENTATIONS, default=PRESENTATIONS)
    parser.add_argument("--gradient_checkpointing", action="store_true", help="in all of them")
    arguments = parser.parse_args()
    names = [PLAIN, *arguments.presentations]
    found = dict[str, list[Speed]]()
    with TemporaryDirectory() as folder:
        data = first_rows(arguments.data, arguments.rows, Path(folder) / "data")
        for number in range(arguments.rounds):
            for name in names:
                job = Job(
                    arguments.model,
                    data,
                    name,
                    arguments.precision,
                    arguments.gradient_checkpointing,
                )
                speed = in_own_process(job)
                print(f"round {number + 1}: {name} {speed.rate:.1f} tokens/s", file=sys.stderr)
                found.setdefault(name, []).append(speed)
    print(f"{arguments.precision}, {torch.get_num_threads()} threads, {arguments.rounds} rounds")
    print("| what | tokens | tokens/s | trained tokens/s | ratio to plain | peak GiB |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in names:
        print(row_of(name, found[name], found[PLAIN]))


def row_of(name: str, speeds: list[Speed], plain: list[Speed]) -> str:
    """A line of the table: medians over the rounds, and the range of the ratio."""
    ratios = [one.rate / other.rate for one, other in zip(speeds, plain, strict=True)]
    rate = median(speed.rate for speed in speeds)
    trained = median(speed.trained / speed.seconds for speed in speeds)
    peak = max(speed.peak for speed in speeds) / GIB
    return (
        f"| {name} | {speeds[0].tokens:,} | {rate:,.0f} | {trained:,.0f} | "
        f"{median(ratios):.2f} [{min(ratios):.2f}, {max(ratios):.2f}] | {peak:.1f} |"
    )


def first_rows(data: Path, rows: int, folder: Path) -> Path:
    """The first rows of the training split, as data of their own."""
    split = datasets.load_from_disk(str(data))["train"]
    kept = split.select(range(min(rows, len(split))))
    datasets.DatasetDict({"train": kept}).save_to_disk(str(folder))
    return folder


def in_own_process(job: Job) -> Speed:
    """Its own, so that the peak is its own too."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, job).result()


def measure(job: Job) -> Speed:
    with TemporaryDirectory() as folder, denormals_flushed():
        recipe = FinetuneConfig(
            model=job.model,
            data=job.data,
            output=Path(folder) / "model",
            presentation="serial" if job.what == PLAIN else job.what,  # type: ignore[arg-type]
            epochs=1.0,
            eval_steps=0,
            gradient_checkpointing=job.checkpointing,
            precision=job.precision,
        )
        tokens, trained, seconds = (plain if job.what == PLAIN else ours)(recipe)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Speed(tokens, trained, seconds, peak * (1 if sys.platform == "darwin" else 1024))


def ours(recipe: FinetuneConfig) -> tuple[int, int, float]:
    """Total tokens, trained tokens and seconds of an epoch of `sprint finetune`."""
    metrics = train(recipe)
    counts = json.loads((recipe.output / HISTORY).read_text())["samples"]["train"]
    return counts["tokens"], counts["trained"], metrics["train_runtime"]


def plain(recipe: FinetuneConfig) -> tuple[int, int, float]:
    """The same of forward and backward in plain PyTorch, on the same samples."""
    tokenizer, model, _ = load_model(recipe.model)
    rows = list(samples_of(recipe, "train", tokenizer).rows)
    collate = RightPadding(int(tokenizer.pad_token_id or 0))
    if recipe.gradient_checkpointing:
        model.gradient_checkpointing_enable()
    model.train()
    began = time.perf_counter()
    for row in rows:
        model.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision == "bfloat16"):
            loss = model(**collate([row]), use_cache=False).loss
        loss.backward()
    seconds = time.perf_counter() - began
    return sum(row["length"] for row in rows), sum(map(trained_tokens, rows)), seconds


if __name__ == "__main__":
    main()
