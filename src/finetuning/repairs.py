"""Repairs mismatches between a base model and its tokenizer before training.

Each repair is reported in a sentence. vLLM can then serve the saved model: its replies end at the
trained token, and its default sampling parameters are valid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tokenizers import Tokenizer
from transformers import GenerationConfig

from ..utils.grammar import belongs_to_grammar
from .embeddings import grow, rows_of
from .generation import valid_generation_config

END = "<|endoftext|>"
"""Added to a tokenizer without an end-of-text token."""
END_TOKENS = (
    "<|im_end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    END,
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
    "</s>",
    "<eos>",
    "<end_of_turn>",
    "<|end|>",
)
"""Tokens that end a reply in families of models."""


def repair(tokenizer: Any, model: Any) -> list[str]:
    """Change both in place; returns a sentence for each change that the user should know."""
    return [
        *_tags(tokenizer),
        *_end_of_text(tokenizer, model),
        *_padding(tokenizer),
        *_embeddings(tokenizer, model),
        *_generation_config(tokenizer, model),
    ]


def _tags(tokenizer: Any) -> Iterator[str]:
    """vLLM removes special tokens from replies, and tags must stay in them."""
    if not hasattr(tokenizer, "backend_tokenizer"):
        return
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    special = [it for it in state["added_tokens"] if it["special"]]
    tags = [it for it in special if belongs_to_grammar(it["content"])]
    if tags:
        for tag in tags:
            tag["special"] = False
        names = [tag["content"] for tag in tags]
        tokenizer._tokenizer = Tokenizer.from_str(json.dumps(state))
        tokenizer.extra_special_tokens = [
            token for token in tokenizer.extra_special_tokens if str(token) not in names
        ]
        yield (
            f"Tags of the grammar are special tokens of the tokenizer ({', '.join(names[:3])}): "
            "made them ordinary tokens, because vLLM removes special tokens from replies."
        )


def _end_of_text(tokenizer: Any, model: Any) -> Iterator[str]:
    if tokenizer.eos_token_id is not None:
        return
    named = [tokenizer.convert_ids_to_tokens(number) for number in _ends(tokenizer, model)]
    known = [token for token in END_TOKENS if token in tokenizer.get_vocab()]
    if named or known:
        tokenizer.eos_token = (named or known)[0]
        yield (
            f"The tokenizer has no eos_token set: its existing token {tokenizer.eos_token} now "
            "ends a reply."
        )
    else:
        tokenizer.add_special_tokens({"eos_token": END})
        yield f"The tokenizer has no end-of-text token: added {END}, which now ends a reply."


def _ends(tokenizer: Any, model: Any) -> list[int]:
    """The ids at which the model's configurations end a reply, if they are special tokens.

    If a configuration belongs to another tokenizer, they may be any tokens.
    """
    special = set(tokenizer.all_special_tokens)
    special |= {it.content for it in tokenizer.added_tokens_decoder.values() if it.special}
    found = list[int]()
    for config in (model.generation_config, model.config):
        value = getattr(config, "eos_token_id", None)
        for number in value if isinstance(value, list | tuple) else [value]:
            if isinstance(number, int) and 0 <= number < len(tokenizer):
                token = tokenizer.convert_ids_to_tokens(number)
                if token in special or token in END_TOKENS:
                    found.append(number)
    return list(dict.fromkeys(found))


def _padding(tokenizer: Any) -> Iterator[str]:
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
        yield f"The tokenizer has no padding token: {tokenizer.pad_token} is used, without loss."


def _embeddings(tokenizer: Any, model: Any) -> Iterator[str]:
    """Vocabularies padded to more rows than the tokenizer has tokens are kept."""
    rows = rows_of(model)
    needed = max(tokenizer.get_vocab().values()) + 1
    if added := grow(model, needed):
        yield (
            f"The tokenizer has {needed} tokens and the model {rows} embeddings: added the missing "
            f"{added}, each as the mean of the others."
        )


def _generation_config(tokenizer: Any, model: Any) -> Iterator[str]:
    """The model's, with valid values and the tokenizer's own special tokens."""
    ends = list(dict.fromkeys([int(tokenizer.eos_token_id), *_ends(tokenizer, model)]))
    special = {
        "eos_token_id": ends if len(ends) > 1 else ends[0],
        "pad_token_id": tokenizer.pad_token_id,
        "bos_token_id": tokenizer.bos_token_id,
    }
    config = model.generation_config or GenerationConfig()
    for name, value in special.items():
        setattr(model.config, name, value)
        setattr(config, name, value)
    model.generation_config, notes = valid_generation_config(config, special)
    yield from notes
