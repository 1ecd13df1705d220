"""Loads the base model (tokenizer, configuration and weights), or says in a sentence why not."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, PreTrainedConfig
from transformers.integrations.deepspeed import is_deepspeed_zero3_enabled

from ..utils.errors import reason_of
from ..utils.tokens.tokenizers import load_tokenizer
from .base_folder import NEEDED, check_config, check_folder, find_folder, refusal
from .generation import readable_generation_config

FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    OSError,
    RuntimeError,
    SafetensorError,
    StrictDataclassError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)
"""What the loaders of transformers raise for invalid files."""
REASONS = {
    "trust_remote_code": "it needs its own code, which is never run; choose a model of "
    "transformers.",
    "weights_only": "its weight files contain more than tensors, and other content is never "
    "loaded; give its weights as safetensors.",
    "ignore_mismatched_sizes": "the sizes of its weights do not match its config.json; give the "
    "folder of one model.",
}
"""By a word in the loader's message, if the advice is not to repair the files.

transformers raises the same types (ValueError, RuntimeError) for all of these, so only the message
tells them apart; without a known word the message itself is shown.
"""
TRIED = "1 + 2 = 3"


class BaseModel(NamedTuple):
    tokenizer: Any
    model: Any
    repairs: list[str]
    """A sentence for each file that could not be loaded unchanged."""


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Turns a loader's error into an InputError."""
    try:
        yield
    except FAULTS as error:
        known = (reason for word, reason in REASONS.items() if word in str(error))
        reason = next(known, f"{NEEDED}. The loader says: {reason_of(error)}")
        raise refusal(name, reason) from error


def load_model(name: str) -> BaseModel:
    """Tokenizer, and model with float32 weights: bfloat16 would lose small updates.

    InputError unless it is a complete causal language model with its tokenizer.
    """
    folder = find_folder(name)
    source = name if folder is None else str(folder)
    if folder is not None:
        check_folder(folder)
        if (folder / "tokenizer.json").is_file():
            load_tokenizer(source)  # reports what is wrong with a damaged one
    with loading(name):
        config = AutoConfig.from_pretrained(source, trust_remote_code=False)
    check_config(name, config)
    pad, rows = getattr(config, "pad_token_id", None), getattr(config, "vocab_size", None)
    if isinstance(pad, int) and isinstance(rows, int) and not 0 <= pad < rows:
        config.pad_token_id = None  # no embedding can be created with it
    with loading(name):
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        ids = tokenizer(TRIED, add_special_tokens=False)["input_ids"]
    if not ids or set(ids) == {tokenizer.unk_token_id}:
        raise refusal(name, f"its tokenizer is missing or empty; {NEEDED}.")
    with loading(name):
        generation_config, repairs = readable_generation_config(source)
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source,
            config=config,
            generation_config=generation_config,
            dtype=torch.float32,
            trust_remote_code=False,
            output_loading_info=True,
        )
    model, report = loaded
    if missing := sorted(report["missing_keys"]):
        raise refusal(
            name,
            f"its files lack {len(missing)} weights, such as {missing[0]}; give the folder of a "
            "complete causal language model.",
        )
    check_forward(name, model)
    return BaseModel(tokenizer, model, repairs)


def is_whole(model: torch.nn.Module) -> bool:
    """Whether this process can run the model by itself, before the trainer has prepared it."""
    return not is_deepspeed_zero3_enabled() and not any(it.is_meta for it in model.parameters())


def check_forward(name: str, model: Any) -> None:
    """Raise InputError if outputs are not finite, or a token depends on later tokens."""
    if not is_whole(model):
        return
    rows = torch.tensor([[1, 2, 3], [1, 2, 4]])
    with loading(name), torch.no_grad():
        first, second = model.eval()(input_ids=rows).logits.float()[:, :2]
    if not torch.isfinite(first).all():
        raise refusal(name, "its outputs are not finite; download or copy the model again.")
    if not torch.allclose(first, second, rtol=1e-3, atol=1e-3 * float(first.abs().max())):
        raise refusal(name, "its tokens see later tokens; a causal language model is needed.")


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
