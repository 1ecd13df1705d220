"""Why a reply ended: the reasons with which it is an answer. With any other its call has failed.

vLLM ends replies by `abort`, `error` and `repetition` too, OpenAI by `content_filter` and
`tool_calls`, DeepSeek by `insufficient_system_resource`: what came until then is no answer.
"""

from __future__ import annotations

from enum import StrEnum


class FinishReason(StrEnum):
    """Reasons with which a reply is complete."""

    STOP = "stop"
    """A stop string, or the model's own end of text."""
    LENGTH = "length"
    """`max_tokens` or the context is used up: the text is cut off, and says so."""
    ENOUGH = "enough"
    """Ours: the reader has read enough."""
    DEADLINE = "deadline"
    """Ours: the call took too long; its text is what had arrived by then."""

    @classmethod
    def of(cls, said: str) -> FinishReason | None:
        """The reason that a server names, in whatever case; None for one that ends no answer."""
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
"""What servers call the two reasons of theirs; Gemini and Cohere write them in capitals."""
