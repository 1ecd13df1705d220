"""The positions of a model, by the names and scalings that families of models use."""

from __future__ import annotations

from typing import Any

import pytest
from sprint.finetuning.base_model import fit, known_positions
from support.models import bare_tokenizer, config_of
from transformers import BloomConfig, MptConfig


def rope(kind: str, **more: Any) -> dict[str, Any]:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": 10_000.0, **more}}


@pytest.mark.parametrize(
    ("family", "more", "positions"),
    [
        ("qwen2", {"max_position_embeddings": 300}, 300),
        ("gpt2", {"n_positions": 77}, 77),
        ("llama", rope("linear", factor=4.0), 8192),
        ("llama", rope("dynamic", factor=2.0), 4096),
        (
            "llama",
            rope(
                "llama3",
                factor=8.0,
                low_freq_factor=1.0,
                high_freq_factor=4.0,
                original_max_position_embeddings=256,
            ),
            2048,
        ),
        ("qwen2", rope("yarn", factor=4.0, original_max_position_embeddings=512), 2048),
        ("gemma3", {}, 2048),
    ],
)
def test_positions(family: str, more: dict[str, Any], positions: int) -> None:
    assert known_positions(config_of(family, **more)) == positions


def test_a_model_may_have_no_limit_or_another_name_for_it() -> None:
    assert known_positions(BloomConfig(hidden_size=16, n_head=2, n_layer=1)) is None
    assert known_positions(MptConfig(d_model=16, n_heads=2, n_layers=1, max_seq_len=640)) == 640


@pytest.mark.parametrize(
    ("own", "asked", "longest", "left", "notes"),
    [
        (1 << 60, 1000, 1000, 1 << 60, 0),
        (1500, 1000, 1000, 1500, 0),
        (1500, 2000, 2000, 2048, 1),
        (1500, 9000, 2048, 2048, 2),
        (4096, 9000, 2048, 4096, 1),
    ],
)
def test_what_the_tokenizer_allows_is_raised_to_what_is_trained(
    own: int, asked: int, longest: int, left: int, notes: int
) -> None:
    """A server takes the least that the model and its tokenizer name."""
    tokenizer = bare_tokenizer()
    tokenizer.model_max_length = own
    found, told = fit(tokenizer, config_of("qwen2"), asked)
    assert (found, tokenizer.model_max_length, len(told)) == (longest, left, notes)


def test_the_limit_of_a_tokenizer_where_the_model_has_none() -> None:
    tokenizer = bare_tokenizer()
    tokenizer.model_max_length = 512
    assert fit(tokenizer, BloomConfig(hidden_size=16, n_head=2, n_layer=1), 900)[0] == 900
    assert tokenizer.model_max_length == 900
