"""A tokenizer of the sample world and an untrained model, small enough to be made in a test."""

from __future__ import annotations

from functools import cache
from itertools import islice
from pathlib import Path

import torch
from sample_base.tokenizer import train_tokenizer
from sprint.utils.data.sample_problems import sample_problems
from transformers import PreTrainedTokenizerBase, Qwen2Config, Qwen2ForCausalLM


@cache
def tiny_tokenizer() -> PreTrainedTokenizerBase:
    problems = islice(sample_problems("train", 1), 25)
    return train_tokenizer([f"{problem.problem}\n{problem.thought}" for problem in problems], 512)


def tiny_model() -> Qwen2ForCausalLM:
    """A Qwen2 with two layers of width 64, and the same weights whatever was drawn before."""
    tokenizer = tiny_tokenizer()
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Qwen2ForCausalLM(config)


def save_tiny_model(folder: Path) -> None:
    """The model and its tokenizer."""
    tiny_model().save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
