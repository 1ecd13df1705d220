"""How the fake server decodes: a token at a time, until a stop string or the longest length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

TOKEN = 4
"""Characters of a token."""
INCLUDE_STOP = "include_stop_str_in_output"


def code_points(text: str) -> list[int]:
    """The fake server's tokens."""
    return [ord(character) for character in text]


def with_ids(
    chunk: dict[str, Any], context: str, tell: bool, logprobs: bool = False
) -> dict[str, Any]:
    """The chunk with its token ids, and those of `context` in the first one.

    The log-probability of a token is its id as a negative number of thousandths.
    """
    if tell:
        choice = chunk["choices"][0]
        choice["prompt_token_ids"] = code_points(context) or None
        choice["token_ids"] = code_points(choice["text"])
        if logprobs:
            numbers = [-one / 1000 for one in choice["token_ids"]]
            choice["logprobs"] = {"token_logprobs": numbers}
    return chunk


class Decoder:
    """The text of one request, a token at a time, until a stop string or `max_tokens`."""

    def __init__(self, body: Mapping[str, Any], can_include_stop: bool) -> None:
        self.stops: list[str] = body.get("stop") or []
        self.includes_stop = can_include_stop and bool(body.get(INCLUDE_STOP))
        self.limit = int(body.get("max_tokens") or body.get("max_completion_tokens") or 16)
        self.tokens = 0
        self.finish_reason = ""
        self.stop_reason: str | None = None
        self._text, self._sent = "", 0

    def decode(self, text: str) -> Iterator[str]:
        """The deltas of one part of a reply; none after the end."""
        held = max((len(stop) for stop in self.stops), default=1) - 1
        held = 0 if self.includes_stop else held
        for start in range(0, len(text), TOKEN):
            if self.finish_reason:
                return
            self._text += text[start : start + TOKEN]
            self.tokens += 1
            self._look_for_end()
            end = len(self._text) if self.finish_reason else max(len(self._text) - held, 0)
            if end > self._sent and not self.finish_reason:
                yield self._text[self._sent : end]
                self._sent = end
        return

    @property
    def rest(self) -> str:
        """What the last chunk carries."""
        self.finish_reason = self.finish_reason or "stop"
        return self._text[self._sent :]

    def _look_for_end(self) -> None:
        hits = [(self._text.find(stop), stop) for stop in self.stops if stop in self._text]
        if hits:
            end, self.stop_reason = min(hits)
            end += len(self.stop_reason) if self.includes_stop else 0
            self.finish_reason, self._text = "stop", self._text[:end]
        elif self.tokens == self.limit:
            self.finish_reason = "length"
