"""How many positions a model knows, as vLLM reads its configuration when it serves it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transformers import PreTrainedConfig

LIMITS = (
    "max_position_embeddings",
    "n_positions",
    "max_seq_len",
    "seq_length",
    "model_max_length",
    "max_sequence_length",
    "max_seq_length",
    "seq_len",
)
"""The names that families of models give it."""
SCALED_ALREADY = ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "deepseek_llama_scaling")
"""Kinds of RoPE scaling whose configuration names the positions after scaling."""


def known_positions(config: PreTrainedConfig) -> int | None:
    """Tokens of the longest text; None for a model without such a limit, as with ALiBi."""
    named = [getattr(config, name, None) for name in LIMITS]
    limits = [value for value in named if isinstance(value, int) and value > 0]
    if not limits:
        return None
    factor = 1.0
    if not config.model_type.startswith("gemma3"):
        for rope in _ropes(getattr(config, "rope_parameters", None)):
            if rope.get("rope_type") not in SCALED_ALREADY:
                factor = max(factor, float(rope.get("factor") or 1))
    return int(min(limits) * factor)


def _ropes(parameters: Any) -> Iterator[Mapping[str, Any]]:
    """One for all layers, or one for each kind of layer."""
    if isinstance(parameters, Mapping):
        if "rope_type" in parameters:
            yield parameters
        else:
            for value in parameters.values():
                yield from _ropes(value)
