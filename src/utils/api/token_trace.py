"""The token ids that a server read and wrote, so that no text is tokenized a second time.

A text that is sent again may be tokenized differently than it was generated, and then misses the
server's prefix cache from there on. So the next request reuses the ids of every part of its context
that was in an earlier call, and only new text is tokenized here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

Tokenize = Callable[[str], list[int]]
"""Token ids of a text, without the special tokens at the start of a prompt."""


class TokenTrace:
    """One call from the server's view: its prompt, then what it generates, as it arrives.

    `marks` are places where a piece of text and a token end together: the first `tokens` ids are
    the text up to `characters`. `logprobs` are those of the generated ids, if `with_logprobs` asks
    the server for them.
    """

    def __init__(self, prompt: str = "", *, with_logprobs: bool = False) -> None:
        self.with_logprobs = with_logprobs
        self.ids: list[int] = []
        self.logprobs: list[float] = []
        self.marks: list[tuple[int, int]] = []
        self._prompt = prompt
        self._parts = [prompt]
        self._length = len(prompt)
        self._whole = True
        """Whether all text so far came with ids."""

    @property
    def text(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0]

    def begin(self, prompt_ids: Sequence[int]) -> None:
        """Add the ids of the prompt; without them the trace cannot be used.

        A request that is repeated begins again.
        """
        self._parts, self._length, self._whole = [self._prompt], len(self._prompt), True
        self.ids, self.logprobs = list(prompt_ids), []
        self.marks = [(self._length, len(self.ids))]

    def add(self, text: str, ids: Sequence[int], logprobs: Sequence[float] = ()) -> None:
        """Add the next piece of the reply, its ids and their log-probabilities."""
        self.ids += ids
        self.logprobs += logprobs
        self._parts.append(text)
        self._length += len(text)
        self._whole = self._whole and bool(ids or not text)
        # A token without text may be half a character, so the first place counts.
        if self._whole and self.marks and self._length > self.marks[-1][0]:
            self.marks.append((self._length, len(self.ids)))

    @property
    def written(self) -> int:
        """How many ids the reply has so far; 0 if they are unknown."""
        return len(self.ids) - self.marks[0][1] if self.marks else 0

    def generated(self) -> TokenTrace:
        """The reply, without the prompt."""
        trace = TokenTrace()
        if self.marks:
            start, first = self.marks[0]
            trace._parts, trace._length = [self.text[start:]], self._length - start
            trace.ids = self.ids[first:]
            trace.marks = [(at - start, count - first) for at, count in self.marks]
        return trace

    def before(self, characters: int) -> tuple[int, int]:
        """The last mark that the first `characters` characters are sure to reach.

        A token that ends there is excluded: what follows may belong to it, such as a line break.
        """
        best = (0, 0)
        for number, mark in enumerate(self.marks):
            if mark[0] < characters or (number == 0 and mark[0] == characters):
                best = mark
            else:
                break
        return best


class Known(NamedTuple):
    """A trace whose text may occur in another text from `start` on."""

    start: int
    trace: TokenTrace


def ids_of(text: str, known: Sequence[Known], tokenize: Tokenize) -> list[int]:
    """Token ids of `text`; those of the traces, if it contains their texts.

    `known` is in the order of the text. A trace counts up to where its text and `text` diverge.
    """
    ids, done = list[int](), 0
    for start, trace in known:
        if start < done:
            continue
        characters, tokens = trace.before(_common(text, start, trace.text))
        if tokens:
            ids += tokenize(text[done:start]) if start > done else []
            ids += trace.ids[:tokens]
            done = start + characters
    return ids + tokenize(text[done:]) if done < len(text) else ids


def _common(text: str, start: int, other: str) -> int:
    """The number of characters that `text` from `start` on has in common with `other`."""
    low, high = 0, min(len(other), len(text) - start)
    while low < high:  # bisection, because comparing slices is faster than a loop
        middle = (low + high + 1) // 2
        if text.startswith(other[low:middle], start + low):
            low = middle
        else:
            high = middle - 1
    return low
