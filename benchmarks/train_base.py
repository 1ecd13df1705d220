"""Trains the tiny base reasoning model from scratch: `python benchmarks/train_base.py`.

A Qwen2 of about two million parameters learns to think serially in the sample world. It is the
stand-in for DeepSeek-R1-Distill-Qwen-7B: the pipeline fine-tunes and serves it like any other
model folder. The result is shipped in models/sample_base; its training.json lists the training runs
that produced it, each continuing from the one before with --start_from.

The training is measured in tokens, so that the same seed gives the same texts on every machine. A
run that was interrupted continues with --resume.
"""

from __future__ import annotations

import itertools
import logging
import math
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch
from sample_base.checkpoint import Checkpoint, Progress
from sample_base.documents import FORMS, drill, excerpt
from sample_base.muon import Muon
from sample_base.tokenizer import train_tokenizer
from sprint.utils.config import Config, from_command_line
from sprint.utils.config.cli import run_main
from sprint.utils.config.values import AboveZero, Positive, Seed
from sprint.utils.data.sample_problems import SampleProblem, sample_problems
from sprint.utils.files.atomic import writable_folder, write_json
from sprint.utils.files.json_file import DamagedError, read_object
from sprint.utils.grammar import TrainingText, serial_text
from sprint.utils.precision import bfloat16_is_fast, denormals_flushed
from sprint.utils.prompt_files import load_prompt
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Qwen2Config, Qwen2ForCausalLM

log = logging.getLogger(__name__)

IGNORED = -100
CHECKPOINT = "checkpoint.pt"
"""In the output folder until the training ends: everything that --resume needs."""
SAVES = 20
"""Checkpoints of a run."""
HISTORY = "training.json"
"""A file next to the weights: each training run that produced them, the first from scratch."""
WIDTHS = (128, 192, 256, 384, 512, 768, 1024, 1280, 1536, 2048, 3072, 4096)
"""The examples of a batch are padded to one of these sizes, in tokens; each is compiled once."""
ONE_LAYER = 0.5
"""The fraction of one-layer problems that is used: `tanks`, with two layers, is the hardest."""


class Example(NamedTuple):
    """Token ids of prompt and completion, and the number of prompt tokens (without loss)."""

    ids: list[int]
    prompt_length: int


def tiny_config(tokenizer: PreTrainedTokenizerBase, hidden: int, layers: int) -> Qwen2Config:
    return Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=hidden * 8 // 3 // 64 * 64,
        num_hidden_layers=layers,
        num_attention_heads=hidden // 32,
        num_key_value_heads=hidden // 64,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def as_text(problem: SampleProblem, instruction: str) -> TrainingText:
    return serial_text(instruction, problem.problem, problem.thought, problem.solution)


def training_problems(seed: int) -> Iterator[SampleProblem]:
    """An endless stream of training problems."""
    rng = random.Random(f"shown-{seed}")
    for problem in sample_problems("train", seed):
        if problem.subject == "tanks" or rng.random() < ONE_LAYER:
            yield problem


def examples(
    tokenizer: PreTrainedTokenizerBase, seed: int, stage: Callable[[], Stage]
) -> Iterator[Example]:
    """An endless stream of examples for the current stage of the training."""
    instruction = load_prompt("base_model_prompt")
    rng = random.Random(seed)
    for problem in training_problems(seed):
        if problem.level > stage().level:
            continue
        prompt, completion = as_text(problem, instruction)
        kind = rng.random()
        if kind < stage().drills:
            prompt, completion = drill(problem, rng)
        elif kind < stage().drills + stage().excerpts:
            read, completion = excerpt(problem, rng)
            prompt += read
        elif kind < stage().drills + stage().excerpts + stage().recitals:
            completion = rng.choice(FORMS)(problem, rng)
        head = tokenizer.encode(prompt, add_special_tokens=False)
        tail = tokenizer.encode(completion, add_special_tokens=False)
        yield Example([*head, *tail, int(tokenizer.eos_token_id)], len(head))


def width_of(example: Example) -> int:
    """The length that an example is padded to."""
    return next(width for width in WIDTHS if width >= len(example.ids))


def batches(stream: Iterator[Example], size: int) -> Iterator[list[Example]]:
    """Batches of about `size` tokens, each with examples of one width."""
    waiting: defaultdict[int, list[Example]] = defaultdict(list)
    for example in stream:
        width = width_of(example)
        waiting[width].append(example)
        if len(waiting[width]) >= size // width:
            yield waiting.pop(width)


def collate(batch: list[Example], pad: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and labels, (batch, width). Padding on the right needs no mask in a causal model."""
    ids = torch.full((len(batch), width), pad)
    labels = torch.full((len(batch), width), IGNORED)
    for row, example in enumerate(batch):
        values = torch.tensor(example.ids)
        ids[row, : len(values)] = values
        labels[row, example.prompt_length : len(values)] = values[example.prompt_length :]
    return ids, labels


class Stage(NamedTuple):
    """A part of the training: it ends after the fraction `end` of the tokens; levels up to `level`.

    `drills` only repeat the facts of the question; `recitals` do the same or give the thought in
    another form; `excerpts` give one step of it. The rest are thoughts.
    """

    end: float
    level: int
    drills: float = 0.0
    recitals: float = 0.0
    excerpts: float = 0.0


CURRICULUM = (
    Stage(0.04, 2, drills=1.0),
    Stage(0.12, 5, drills=0.1, recitals=0.9),
    Stage(0.18, 2, recitals=0.3),
    Stage(0.25, 3, recitals=0.3),
    Stage(1.0, 5, recitals=0.35, excerpts=0.14),
)
"""Lookups are learned first, on short texts; everything else builds on them."""

ALL_LEVELS = CURRICULUM[3].end
"""Where the curriculum has reached all levels: a continued training starts here."""


def curriculum(share: float) -> Stage:
    """The stage after the fraction `share` of the tokens."""
    return next((stage for stage in CURRICULUM if share < stage.end), CURRICULUM[-1])


def schedule(share: float) -> float:
    """Fraction of the peak learning rate: warm-up over 2 % of the tokens, then a cosine to 5 %."""
    if share < 0.02:
        return share / 0.02
    return 0.05 + 0.475 * (1 + math.cos(math.pi * min(share, 1.0)))


def make_optimizers(model: Qwen2ForCausalLM, peak: float) -> list[torch.optim.Optimizer]:
    """Muon for the matrices of the layers, which learns lookups sooner; AdamW for the
    embedding, the norms and the biases.
    """
    matrices = [value for value in model.model.layers.parameters() if value.ndim == 2]
    chosen = {id(value) for value in matrices}
    others = [value for value in model.parameters() if id(value) not in chosen]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=10 * peak),
        torch.optim.AdamW(others, lr=peak, betas=(0.9, 0.98), weight_decay=0.0),
    ]
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["peak"] = group["lr"]
    return optimizers


def begin(config: TrainBaseConfig) -> tuple[PreTrainedTokenizerBase, Qwen2ForCausalLM]:
    """A new tokenizer and a model with random weights."""
    problems = itertools.islice(sample_problems("train", config.seed), 3000)
    words = [load_prompt(name) for name in ("base_model_prompt", "global_agent_prompt")] * 50
    instruction = load_prompt("base_model_prompt")
    texts = ["".join(as_text(problem, instruction)) for problem in problems]
    tokenizer = train_tokenizer([*texts, *words])
    return tokenizer, Qwen2ForCausalLM(tiny_config(tokenizer, config.hidden, config.layers))


def train(config: TrainBaseConfig) -> None:
    torch.manual_seed(config.seed)
    torch._dynamo.config.recompile_limit = 32  # one compilation per width
    skipped = 0.0
    if config.start_from is None:
        tokenizer, model = begin(config)
        earlier = []
    else:
        earlier = legs_of(config.start_from)
        skipped = ALL_LEVELS
        tokenizer = AutoTokenizer.from_pretrained(config.start_from)
        model = Qwen2ForCausalLM.from_pretrained(config.start_from, dtype=torch.float32)
    log.info("parameters: %.2f M", sum(p.numel() for p in model.parameters()) / 1e6)
    is_fast = bfloat16_is_fast(model)
    forward = torch.compile(model, dynamic=False) if config.compile else model
    optimizers = make_optimizers(model, config.learning_rate)
    stream = batches(
        examples(tokenizer, config.seed, lambda: curriculum(skipped + (1 - skipped) * share)),
        config.batch_tokens,
    )
    checkpoint = Checkpoint(
        config.output / CHECKPOINT,
        config.model_dump(mode="json", exclude={"output", "resume"}),
        {"model": model} | {str(number): it for number, it in enumerate(optimizers)},
    )
    progress = checkpoint.load() if config.resume else Progress()
    tokens, share = 0, 0.0
    started, seconds = time.monotonic(), progress.seconds
    for step in itertools.count():
        share = tokens / config.tokens
        if share >= 1:
            break
        batch = next(stream)
        longest = max(len(example.ids) for example in batch)
        width = width_of(batch[0]) if config.compile else longest
        tokens += len(batch) * width
        if step < progress.steps:  # a resumed run reads again what was trained on
            continue
        ids, labels = collate(batch, int(tokenizer.pad_token_id), width)
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * schedule(share)
        with torch.autocast("cpu", torch.bfloat16, enabled=is_fast):
            loss = forward(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        seconds = progress.seconds + time.monotonic() - started
        if step % 50 == 0:
            log.info("step %d loss %.4f tokens %.2fM, %.0f s", step, loss, tokens / 1e6, seconds)
        if int(tokens / config.tokens * SAVES) > int(share * SAVES):
            checkpoint.save(Progress(step + 1, seconds))
    save(model, tokenizer, config.output)
    leg = {
        "minutes": round(seconds / 60, 1),
        "tokens": tokens,
        "steps": step,
        "seed": config.seed,
        "precision": "bfloat16" if is_fast else "float32",
        "learning_rate": config.learning_rate,
        "batch_tokens": config.batch_tokens,
    }
    write_json(config.output / HISTORY, {"legs": [*earlier, leg]})
    checkpoint.path.unlink(missing_ok=True)


def legs_of(folder: Path) -> list[dict[str, Any]]:
    """The training runs that produced the weights of a folder, in order; empty if unknown."""
    path = folder / HISTORY
    if not path.is_file():
        return []
    advice = "restore it from a copy, or remove it"
    legs = read_object(path, advice).get("legs")
    if not isinstance(legs, list) or not all(isinstance(leg, dict) for leg in legs):
        raise DamagedError(path, "no list of training runs", advice)
    return legs


def save(model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Writes the folder that vLLM and transformers load, with small weights in bfloat16."""
    state = {name: value.to(torch.bfloat16) for name, value in model.state_dict().items()}
    model.config.dtype = torch.bfloat16
    model.save_pretrained(folder, state_dict=state)
    tokenizer.save_pretrained(folder)


class TrainBaseConfig(Config):
    """Trains the tiny base reasoning model from scratch."""

    program: ClassVar[str] = "python benchmarks/train_base.py"

    output: Path = Path("models/sample_base")
    """Folder of the model."""
    start_from: Path | None = None
    """Folder of weights to continue from (with another --seed)."""
    tokens: Positive = 40_000_000
    """Tokens to train on, including padding."""
    hidden: Positive = 192
    """Width, a multiple of 64."""
    layers: Positive = 4
    """Number of layers."""
    learning_rate: AboveZero = 2e-3
    """Peak learning rate."""
    batch_tokens: Positive = 4096
    """Tokens per step."""
    compile: bool = False
    """Faster; needs a C++ compiler."""
    seed: Seed = 0
    """Seed of the weights and the problems."""
    resume: bool = False
    """Continue from the last checkpoint."""


def main() -> None:
    config = from_command_line(TrainBaseConfig)
    writable_folder(config.output, "choose another --output")
    with denormals_flushed():
        train(config)


if __name__ == "__main__":
    run_main(main)
