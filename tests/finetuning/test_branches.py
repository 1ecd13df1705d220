"""Which models take tries: those whose attention gives the numbers that the calls have alone."""

from __future__ import annotations

from typing import Any

import pytest
from sprint.finetuning.branches import attend_by_branch
from sprint.utils.errors import InputError
from support.models import config_of, model_of
from transformers import AutoModelForCausalLM, BloomConfig

LAYERS = {"layer_types": ["sliding_attention", "full_attention"]}


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("qwen2", {"use_sliding_window": False, "sliding_window": 4, "max_window_layers": 0}),
        ("llama", {}),
        ("gpt2", {}),
        ("mistral", {"sliding_window": None}),
        ("mistral", {"sliding_window": 64}),
        ("gemma3", {"sliding_window": 64, **LAYERS}),
    ],
)
def test_full_attention_and_windows_as_long_as_each_call(family: str, more: dict[str, Any]) -> None:
    attend_by_branch(model_of(family, **more), 64)


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("qwen2", {"use_sliding_window": True, "sliding_window": 4, "max_window_layers": 1}),
        ("mistral", {"sliding_window": 63}),
        ("gemma3", {"sliding_window": 63, **LAYERS}),
    ],
)
def test_a_window_shorter_than_a_call(family: str, more: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"sliding_\w+: use per_call instead"):
        attend_by_branch(model_of(family, **more), 64)


@pytest.mark.parametrize(
    "config",
    [
        BloomConfig(vocab_size=32, hidden_size=16, n_head=2, n_layer=1, initializer_range=1.0),
        config_of("gemma2", 32, sliding_window=64, attn_logit_softcapping=0.001),
    ],
)
def test_an_attention_that_cannot_be_replaced(config: Any) -> None:
    """Positions by distance (ALiBi), and capped logits: other numbers than those of the calls."""
    model = AutoModelForCausalLM.from_config(config)
    if model.config.model_type == "gemma2":
        model.set_attn_implementation("eager")  # the one that caps
    with pytest.raises(InputError, match="cannot be replaced: use per_call instead"):
        attend_by_branch(model, 64)
