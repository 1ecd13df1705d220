"""The configuration of fine-tuning."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import model_validator

from ..utils.config import Config
from ..utils.config.values import AboveZero, NotNegative, Positive, Seed, Share, Whole

Presentation = Literal["full_trajectory", "per_call", "trie", "serial"]
SpecialTokenPolicy = Literal["remove", "drop"]
OverlongPolicy = Literal["drop", "error"]
Order = Literal["random", "by_length"]
Switch = Literal["off", "on"]
Precision = Literal["float32", "bfloat16"]


class FinetuneConfig(Config):
    """Fine-tune a model on SPRINT trajectories, or on the same serial thoughts (RFT).

    run/run_finetune.sh starts it with accelerate: one process on a CPU or a GPU, or several with
    ZeRO-3 or FSDP2 on GPUs and plain data parallelism on CPUs. vLLM can serve the output folder
    directly. The defaults are the paper's for a 7B model.
    """

    command: ClassVar[str] = "finetune"

    model: str
    """Base model: a name on the hub or a local folder."""
    data: Path
    """Folder with fine-tuning data: LOGS_DIR/finetuning_data/<dataset> from stage 3."""
    output: Path
    """Folder for the trained model."""
    presentation: Presentation = "per_call"
    """How to present a trajectory: one causal sequence (full_trajectory, as in the paper), one
    sample per call (per_call; trie stores shared prefixes once), or the serial thought."""
    epochs: AboveZero = 5.0
    """Number of training epochs."""
    max_steps: Positive | None = None
    """Number of optimizer steps; overrides --epochs."""
    learning_rate: AboveZero = 1e-5
    """Peak learning rate."""
    warmup: Share = 0.05
    """Fraction of steps for linear warmup; the learning rate then decays linearly to 0."""
    weight_decay: NotNegative = 1e-4
    """Weight decay of AdamW."""
    batch_size: Positive = 1
    """Batch size per device."""
    gradient_accumulation: Positive = 16
    """Batches to accumulate before each optimizer step."""
    max_length: Positive = 7168
    """Maximum tokens of a sample, and of each call in a trie."""
    on_overlong: OverlongPolicy = "drop"
    """What to do with samples longer than --max_length. They are always counted."""
    special_tokens: SpecialTokenPolicy = "remove"
    """What to do with special tokens that appear in texts, such as <|im_end|>: remove the tokens,
    or drop their rows. They are always counted and never trained on."""
    tag_tokens: Switch = "off"
    """on: make the frequent tags of the training data single tokens of the model, so that they cost
    one token each instead of several."""
    eval_steps: Whole = 100
    """Steps between evaluations; the best model is kept. 0 disables evaluation."""
    save_steps: Whole = 0
    """Steps between checkpoints, for --resume. 0 saves one at each evaluation."""
    sampling: Order = "random"
    """Order of the samples. by_length batches samples of similar length, longest first within each
    part of the data: less padding, but each batch holds one kind of call."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Number format of the computation; weights are float32. auto: bfloat16 if a GPU has it, or if
    a short measurement shows that it is faster on this CPU."""
    gradient_checkpointing: bool = True
    """Use less memory for about a third more time."""
    seed: Seed = 0
    """Random seed for the data order."""
    report_to: str = "none"
    """Where to report the losses: none, trackio, wandb, tensorboard, …"""
    resume: bool = False
    """Resume from the last checkpoint."""
    push_to_hub: str = ""
    """Push the trained model and its card to this hub repository, with HF_TOKEN."""
    private: bool = False
    """Make a newly created hub repository private."""

    @model_validator(mode="after")
    def _tags_need_trajectories(self) -> Self:
        if self.tag_tokens == "on" and self.presentation == "serial":
            raise ValueError("serial thoughts have no tags: leave out --tag_tokens on")
        return self
