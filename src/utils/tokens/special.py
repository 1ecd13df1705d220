"""Special tokens that appear in a text, as is common in raw generations.

A tokenizer turns the characters `<|endoftext|>` of a thought into the real end-of-text token, and a
model trained on it learns to stop there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..files.json_file import read_object
from ..grammar import belongs_to_grammar
from .tokenizers import load_tokenizer

SHORTEST = 3
"""Minimum characters of a special token recognised in text: a line break may be one, too."""

_CHAT_TOKEN = r"<[|\uff5c][A-Za-z_\u2581][\w\u2581.\-]{2,60}[|\uff5c]>"
"""The form that most families of models share: `<|im_end|>`, `<｜end▁of▁sentence｜>`."""
_OTHER_FAMILIES = ("</s>", "<bos>", "<eos>", "<pad>", "<start_of_turn>", "<end_of_turn>")


class SpecialTokens:
    """The special tokens of a tokenizer, and those of other families of models.

    Tags of the trajectory grammar are excluded, even if the tokenizer registers them as such.
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        stripped = {token.strip() for token in (*tokens, *_OTHER_FAMILIES)}
        own = sorted(
            (it for it in stripped if len(it) >= SHORTEST and not belongs_to_grammar(it)),
            key=lambda token: (-len(token), token),
        )
        one = "|".join([*map(re.escape, own), _CHAT_TOKEN])
        self._one, self._run = re.compile(one), re.compile(f"(?:{one})+")

    def count(self, text: str) -> int:
        """The number of special tokens in `text`."""
        return sum(1 for _ in self._one.finditer(text))

    def remove(self, text: str) -> str:
        """`text` without them; a space separates words, so that no new token can form.

        A text without white space at its ends has none there afterwards.
        """

        def gap(match: re.Match[str]) -> str:
            before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
            return " " if before.strip() and after.strip() else ""

        left = self._run.sub(gap, text)
        return left.strip() if text == text.strip() else left


def special_tokens_of(tokenizer: Any) -> SpecialTokens:
    """Those of a tokenizer object of transformers or of tokenizers."""
    return SpecialTokens(_registered(tokenizer))


def special_tokens_at(source: str) -> SpecialTokens:
    """Those of the tokenizer with this name or path, including the files next to a tokenizer.json.

    Raises InputError if `source` has no tokenizer.
    """
    return SpecialTokens([*_registered(load_tokenizer(source)), *_configured(Path(source))])


def _registered(tokenizer: Any) -> Iterator[str]:
    if hasattr(tokenizer, "get_added_tokens_decoder"):
        added = tokenizer.get_added_tokens_decoder()
    else:
        added = getattr(tokenizer, "added_tokens_decoder", {})
        yield from map(str, getattr(tokenizer, "all_special_tokens", ()))
    yield from (token.content for token in added.values() if token.special)


def _configured(folder: Path) -> Iterator[str]:
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        try:
            content = read_object(folder / name)
        except (OSError, InputError):
            continue
        for key, value in content.items():
            if key.endswith(("_token", "_special_tokens")):
                yield from _contents(value)


def _contents(value: Any, levels: int = 2) -> Iterator[str]:
    """A token is a string or an object with its `content`; several are a list or a mapping."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and "content" in value:
        yield str(value["content"])
    elif isinstance(value, dict | list) and levels:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _contents(item, levels - 1)
