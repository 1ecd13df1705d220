"""The number of positions that a model supports, as vLLM reads it from the configuration."""

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
"""The names of this value in families of models."""
SCALED_ALREADY = ("su", "longrope", "llama3", "yarn", "deepseek_yarn", "deepseek_llama_scaling")
"""Types of RoPE scaling whose configuration gives the positions after scaling."""


def known_positions(config: PreTrainedConfig) -> int | None:
    """Tokens of the longest text; None for a model without this limit, as with ALiBi."""
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


def fit(tokenizer: Any, config: PreTrainedConfig, max_length: int) -> tuple[int, list[str]]:
    """The longest sample that the model can be trained on, at most `max_length` tokens, with a
    sentence for each change. Raises the tokenizer's own limit, which vLLM obeys, to fit.
    """
    notes, positions = list[str](), known_positions(config)
    if positions is not None and positions < max_length:
        notes.append(
            f"--max_length is {max_length}, but the model supports {positions} positions: longer "
            "samples are dropped."
        )
        max_length = positions
    if (own := tokenizer.model_max_length) < max_length:
        tokenizer.model_max_length = positions or max_length
        notes.append(
            f"The tokenizer's model_max_length is {own}, shorter than the training samples: set to "
            f"{tokenizer.model_max_length}, because vLLM uses it as the limit."
        )
    return max_length, notes


def _ropes(parameters: Any) -> Iterator[Mapping[str, Any]]:
    """One for all layers, or one for each type of layer."""
    if isinstance(parameters, Mapping):
        if "rope_type" in parameters:
            yield parameters
        else:
            for value in parameters.values():
                yield from _ropes(value)
