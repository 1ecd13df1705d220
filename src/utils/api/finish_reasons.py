"""Finish reasons of a usable reply. With any other reason its call has failed.

vLLM also ends replies by `abort`, `error` and `repetition`, OpenAI by `content_filter` and
`tool_calls`, DeepSeek by `insufficient_system_resource`: such a reply is not an answer.
"""

from __future__ import annotations

from enum import StrEnum


class FinishReason(StrEnum):
    """Finish reasons of a complete reply."""

    STOP = "stop"
    """A stop string, or the model's own end of text."""
    LENGTH = "length"
    """`max_tokens` or the context is used up: the text is marked as cut off."""
    ENOUGH = "enough"
    """Ours: the reader has read enough."""
    DEADLINE = "deadline"
    """Ours: the call reached its deadline; its text is what had arrived by then."""

    @classmethod
    def of(cls, said: str) -> FinishReason | None:
        """The reason for a server's word, in any case; None for one that ends no answer."""
        return SERVERS_REASONS.get(said.lower())


SERVERS_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    # Text Generation Inference (its pull request 2344 changed that)
    "eos_token": FinishReason.STOP,
    "stop_sequence": FinishReason.STOP,
    # Anthropic's and Cohere's own words, which some routers pass on
    "end_turn": FinishReason.STOP,
    "complete": FinishReason.STOP,
    "max_tokens": FinishReason.LENGTH,
    # Mistral: the model's own longest context
    "model_length": FinishReason.LENGTH,
}
"""The servers' words for the first two reasons; Gemini and Cohere write them in capitals."""
