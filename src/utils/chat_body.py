"""What a chat request says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server import Sampling


def chat_body(
    model: str, messages: Sequence[Mapping[str, str]], sampling: Sampling
) -> dict[str, Any]:
    """The JSON of a chat request, the same for one sent alone and one in a batch."""
    return {
        "model": model,
        "messages": list(messages),
        "max_completion_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
    }
