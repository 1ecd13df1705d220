"""Continues texts on servers that only support chat.

A chat model cannot continue in the middle of its own answer: the text so far is the user's message,
under an instruction to continue it. Its reply is parsed like a completion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx2

from ..prompt_files import load_prompt
from .completion import Completion
from .context_limits import ContextLimit
from .sampling import Sampling, chat_body
from .server import ModelServer
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
        said = f"{self.instruction}\n\n{prompt}" if self.instruction else prompt.strip()
        return await super().complete(said, sampling, on_text)

    async def _create(
        self, prompt: str | Sequence[int], sampling: Sampling, fields: Mapping[str, Any]
    ) -> httpx2.Response:
        message = {"role": "user", "content": str(prompt)}
        body = {
            **chat_body(self.model, [message], sampling),
            **({"stop": sampling.stop} if sampling.stop else {}),
            "stream": True,
            "stream_options": {"include_usage": True},
            **fields,
        }
        # The pieces differ from those of a completion only in the place of their text.
        return await self.client.open_stream("chat/completions", body)
