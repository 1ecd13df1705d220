"""Continues texts on servers that only support chat.

A chat model cannot continue in the middle of its own answer: the text so far is the user's message,
under an instruction to continue it. Its reply is parsed like a completion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import openai

from ..prompt_files import load_prompt
from .completion import Completion
from .context_limits import ContextLimit
from .sampling import Sampling, chat_body
from .server import ModelServer, Stream
from .token_trace import TokenTrace
from .urls import Api

CHAT_PROMPT = "chat_prompt"
"""The name of the instruction."""


def chat_prompt(*apis: Api) -> dict[str, str]:
    """The instruction, by name, if one of the methods' `apis` needs it."""
    return {CHAT_PROMPT: load_prompt(CHAT_PROMPT)} if "chat" in apis else {}


class ChatServer(ModelServer):
    """One model on one server, by its chat endpoint.

    Without an `instruction` a prompt is the user's message as it is, not a text to continue; the
    answer then also contains the thought, if the server separates the two.
    """

    def __init__(
        self,
        url: str,
        model: str,
        instruction: str,
        *,
        timeout: float,
        context: ContextLimit | None = None,
        clients: int = 1,
    ) -> None:
        super().__init__(
            url,
            model,
            timeout=timeout,
            context=context,
            clients=clients,
        )
        self.instruction, self.keeps_thought = instruction, not instruction
        self.is_chat = True

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        """Like ModelServer's, but sends text: token ids cannot be part of a message."""
        return await super().complete(prompt, sampling, on_text)

    async def _create(
        self, prompt: str | Sequence[int], sampling: Sampling, fields: Mapping[str, Any]
    ) -> Stream:
        said = f"{self.instruction}\n\n{prompt}" if self.instruction else str(prompt).strip()
        message = {"role": "user", "content": said}
        stream = await self.client.chat.completions.create(
            **chat_body(self.model, [message], sampling),
            stop=list(sampling.stop) or openai.omit,
            stream=True,
            stream_options={"include_usage": True},
            extra_body=dict(fields) or None,
        )
        return cast(Stream, stream)  # the pieces differ only in the place of their text
