"""Base models as people have them, each of one or two layers with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from support.tiny import tiny_tokenizer
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForCausalLM,
    CohereConfig,
    Gemma2Config,
    Gemma3TextConfig,
    GPT2Config,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    OPTConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 2048,
}


def config_of(family: str, rows: int | None = None, **more: Any) -> PreTrainedConfig:
    """The configuration of a small model of the family, with the tiny tokenizer's special tokens.

    `rows` of embeddings: by default as many as that tokenizer has tokens.
    """
    end = tiny_tokenizer().eos_token_id
    size: dict[str, Any] = {"vocab_size": rows or len(tiny_tokenizer())}
    size |= {"eos_token_id": end, "pad_token_id": end, "bos_token_id": None}
    if family == "gpt2":
        shape: dict[str, Any] = {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 2048}
        return GPT2Config(**(shape | size | more))
    if family == "opt":  # its forward does not call its backbone, but a part of it
        shape = {"word_embed_proj_dim": 32, "ffn_dim": 64, "dropout": 0.0}
        return OPTConfig(**(SIZES | shape | size | more))
    kinds = {
        "qwen2": Qwen2Config,
        "llama": LlamaConfig,
        "mistral": MistralConfig,
        "mixtral": MixtralConfig,
        "cohere": CohereConfig,
        "granite": GraniteConfig,
        "gemma2": Gemma2Config,
        "gemma3": Gemma3TextConfig,
    }
    extra = {"head_dim": 16} if family.startswith("gemma") else {}
    return kinds[family](**(SIZES | size | extra | more))


def model_of(family: str, rows: int | None = None, **more: Any) -> PreTrainedModel:
    torch.manual_seed(0)
    made: PreTrainedModel = AutoModelForCausalLM.from_config(config_of(family, rows, **more))
    return made


def save_model(folder: Path, family: str = "qwen2", rows: int | None = None, **more: Any) -> None:
    """A model of the family, with the tiny tokenizer."""
    model_of(family, rows, **more).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)


def bare_tokenizer() -> PreTrainedTokenizerFast:
    """All bytes, and no special token at all."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(
        models.BPE(vocab={it: number for number, it in enumerate(alphabet)}, merges=[])
    )
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made)
