"""Sampling parameters of a call, and their form in a chat request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

RETRY_TEMPERATURE = 0.6


@dataclass(frozen=True)
class Sampling:
    """Sampling parameters of a call. `max_tokens` limits the reply; at most 4 stop strings.

    `deadline`: seconds before the call is closed, None for no limit. `priority`: calls with a lower
    value go first, if the server supports priorities. `seed`: for the server's sampling, if it
    supports seeds.
    """

    max_tokens: int
    temperature: float
    top_p: float = 1.0
    stop: tuple[str, ...] = ()
    deadline: float | None = None
    priority: int = 0
    seed: int | None = None

    def hotter(self) -> Sampling:
        """For retrying a malformed reply: at temperature 0 it would be the same."""
        return replace(self, temperature=max(self.temperature, RETRY_TEMPERATURE))


def derived_seed(seed: int | None, *place: str | int) -> int | None:
    """The seed of one of the calls that share a seed; the same for the same place."""
    if seed is None:
        return None
    text = "/".join(map(str, (seed, *place)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1  # a signed 32-bit number


ChatMessage = Mapping[str, str]
"""`role` and `content`."""


def chat_body(model: str, messages: Sequence[ChatMessage], sampling: Sampling) -> dict[str, Any]:
    """The JSON of a chat request, the same for one sent alone and one in a batch."""
    return {
        "model": model,
        "messages": list(messages),
        "max_completion_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
