"""The configuration of fine-tuning."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from ..utils.config import Config
from ..utils.config.values import AboveZero, NotNegative, Positive, Seed, Share, Whole

Presentation = Literal["full_trajectory", "per_call", "trie", "serial"]
SpecialTokenPolicy = Literal["remove", "drop"]
Order = Literal["random", "by_length"]


class FinetuneConfig(Config):
    """Fine-tuning on SPRINT trajectories, or on the same serial thoughts (RFT).

    Started by run/run_finetune.sh under accelerate: one process on a CPU or a GPU, or several:
    ZeRO-3 or FSDP2 on GPUs, plain data parallelism on CPUs. The output folder is served by vLLM as
    it is. The defaults are the paper's for a 7B model.
    """

    command: ClassVar[str] = "finetune"

    model: str
    """Base model: a name on the hub or a local folder."""
    data: Path
    """Folder of fine-tuning data: LOGS_DIR/finetuning_data/<dataset> of stage 3."""
    output: Path
    """Folder of the trained model."""
    presentation: Presentation = "per_call"
    """How a trajectory is shown: one causal sequence (full_trajectory, as the paper), one sample a
    call of inference (per_call; trie stores shared prefixes once), or the serial thought."""
    epochs: AboveZero = 5.0
    """Times that the data is gone through."""
    max_steps: Positive | None = None
    """Steps of the optimizer, in place of --epochs."""
    learning_rate: AboveZero = 1e-5
    """Highest learning rate."""
    warmup: Share = 0.05
    """Share of the steps over which the learning rate rises; it then falls linearly to 0."""
    weight_decay: NotNegative = 1e-4
    """Weight decay of AdamW."""
    batch_size: Positive = 1
    """Samples a step and device."""
    gradient_accumulation: Positive = 16
    """Batches whose gradients make one step of the optimizer."""
    max_length: Positive = 7168
    """Tokens of a sample at most, and of each call that a trie holds."""
    on_overlong: Literal["drop", "error"] = "drop"
    """What happens to samples above --max_length; they are counted in any case."""
    special_tokens: SpecialTokenPolicy = "remove"
    """Special tokens written out in texts, such as <|im_end|>, are removed, or their rows dropped;
    they are counted in any case and never trained on."""
    eval_steps: Whole = 100
    """Steps between two evaluations, of which the best model is kept; 0 is no evaluation."""
    save_steps: Whole = 0
    """Steps between checkpoints, for --resume; 0 is one at each evaluation."""
    sampling: Order = "random"
    """Order of the samples. by_length puts samples of about the same length into a batch, the
    longest of each part of the data first: less padding, but batches of one kind of call."""
    gradient_checkpointing: bool = True
    """Less memory for about a third more time."""
    seed: Seed = 0
    """Seed of the order of the data."""
    report_to: str = "none"
    """Where the losses are reported: none, trackio, wandb, tensorboard, …"""
    resume: bool = False
    """Go on from the last checkpoint."""
    push_to_hub: str = ""
    """Push the trained model and its card to this name on the hub, with HF_TOKEN."""
    private: bool = False
    """A model that is new on the hub is private."""
