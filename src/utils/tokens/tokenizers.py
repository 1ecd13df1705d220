"""Tokenizers for counting: by name, by path, or any object that encodes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sized
from pathlib import Path
from typing import Any, Protocol, cast

from ..errors import InputError


class Tokenizer(Protocol):
    """The tokenizer interface; those of transformers and of tokenizers both have it."""

    def encode(self, text: str, /, *, add_special_tokens: bool) -> Sized: ...


def token_counter(tokenizer: str | Path | Tokenizer) -> Callable[[str], int]:
    """A function that returns the number of tokens of a text, without special tokens.

    Raises InputError if a name or path has no tokenizer.
    """
    if isinstance(tokenizer, str | Path):
        loaded = load_tokenizer(str(tokenizer))
    elif callable(getattr(tokenizer, "encode", None)):
        loaded = tokenizer
    else:
        raise InputError(
            "The tokenizer should be a name, a path or an object with "
            f"encode(text, add_special_tokens=False), not a {type(tokenizer).__name__}."
        )

    def count(text: str) -> int:
        return len(loaded.encode(text, add_special_tokens=False))

    return count


def special_tokens_before(source: str) -> int:
    """The number of special tokens that the tokenizer puts before a text, such as BOS."""
    return len(load_tokenizer(source).encode("", add_special_tokens=True))


def token_encoder(source: str) -> Callable[[str], list[int]]:
    """A function that returns the token ids of a text, without special tokens.

    Raises InputError if `source`, a name or path, has no tokenizer.
    """
    loaded = load_tokenizer(source)

    def encode(text: str) -> list[int]:
        encoded: Any = loaded.encode(text, add_special_tokens=False)
        return list(getattr(encoded, "ids", encoded))

    return encode


@functools.lru_cache(maxsize=8)
def load_tokenizer(source: str) -> Tokenizer:
    """The tokenizer of a local model folder or tokenizer.json, or that of a model on the hub.

    Raises InputError if there is none.
    """
    path = Path(source)
    file = path / "tokenizer.json" if path.is_dir() else path
    if file.is_file():
        return _load_file(file)
    # Imported here: it takes seconds, and a tokenizer.json does not need it.
    from transformers import AutoTokenizer

    try:
        # No maximum: it would only warn about each longer text.
        loaded = AutoTokenizer.from_pretrained(source, model_max_length=1 << 40)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No tokenizer found at {source!r}: it should be a folder with a tokenizer.json, or "
            "the name of a model on the hub that can be reached from here."
        ) from error
    return cast(Tokenizer, loaded)


def _load_file(file: Path) -> Tokenizer:
    import tokenizers

    try:
        loaded = tokenizers.Tokenizer.from_file(str(file))
    # The library raises bare Exception.
    except Exception as error:
        raise InputError(f"{file} should be a tokenizer of Hugging Face: {error}.") from error
    loaded.no_truncation()
    loaded.no_padding()
    return cast(Tokenizer, loaded)
