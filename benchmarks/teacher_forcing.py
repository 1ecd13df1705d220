"""Teacher forcing: the model always sees the correct text so far, so each error counts once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

Kinds = Mapping[str, re.Pattern[str]]
"""The patterns to check, by kind; if several match a character, the first counts."""


@dataclass(frozen=True)
class Judged:
    """A token of one of the kinds, and the model's most likely token."""

    kind: str
    before: str
    """The last characters of the completion before it."""
    wanted: str
    got: str
    right: bool

    def __str__(self) -> str:
        return f"{self.kind}: {self.before!r} {self.wanted!r}, not {self.got!r}"


class Judge:
    """A model whose most likely tokens are compared with the correct ones."""

    def __init__(self, name: str, kinds: Kinds) -> None:
        self.kinds = kinds
        self.tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(name)
        self.model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            name, dtype=torch.float32
        )

    def tokens(self, context: str, completion: str) -> Iterator[Judged]:
        """The tokens of a completion that belong to one of the kinds."""
        head = self.tokenizer.encode(context, add_special_tokens=False)
        tail = self.tokenizer(completion, add_special_tokens=False, return_offsets_mapping=True)
        guesses, kinds = self._best_tokens(head, tail["input_ids"]), self._kind_of_each(completion)
        for right, guess, (start, end) in zip(
            tail["input_ids"], guesses, tail["offset_mapping"], strict=True
        ):
            # A token may end with a space or a line break after what it is.
            kind = next(filter(None, reversed(kinds[start:end])), None)
            if kind is not None:
                yield Judged(
                    kind=kind,
                    before=completion[max(0, start - 50) : start],
                    wanted=self._text(right),
                    got=self._text(guess),
                    right=right == guess,
                )

    def _text(self, token: int) -> str:
        text = self.tokenizer.decode([token])
        assert isinstance(text, str)
        return text

    def _kind_of_each(self, text: str) -> list[str | None]:
        """The kind of each character of a completion."""
        kinds: list[str | None] = [None] * len(text)
        for kind, pattern in self.kinds.items():
            for found in pattern.finditer(text):
                for place in range(*found.span()):
                    kinds[place] = kinds[place] or kind
        return kinds

    def _best_tokens(self, head: list[int], tail: list[int]) -> list[int]:
        """The most likely token at each position of `tail`, given everything before it."""
        with torch.inference_mode():
            ids = torch.tensor([[*head, *tail]])
            logits = self.model(input_ids=ids, logits_to_keep=len(tail) + 1).logits[0]
        best: list[int] = logits.argmax(-1)[:-1].tolist()
        return best
