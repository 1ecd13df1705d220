"""SPRINT without training: few-shot prompts let an instruct model plan and execute, by chat.

Rounds, executors and joins are those of the solver. Here each of its contexts becomes a message
with a request for the next part, and the reply is repaired before the solver reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..utils.api.chat_server import ChatServer
from ..utils.api.completion import Completion
from ..utils.api.finish_reasons import FinishReason
from ..utils.api.sampling import Sampling
from ..utils.api.token_trace import TokenTrace
from ..utils.grammar import Asked, TidyReply, asked_of, tidied
from ..utils.prompt_files import load_prompt

FEW_SHOT_PROMPT = "few_shot_prompt"
"""The name of the instruction: the rules of the grammar, and examples."""

REQUESTS = {
    "plan": "few_shot_plan_request",
    "execution": "few_shot_execution_request",
    "answer": "few_shot_answer_request",
}
"""The names of the requests for the next part."""

COMPLETE = (FinishReason.STOP, FinishReason.ENOUGH)


def few_shot_prompts() -> dict[str, str]:
    """The texts that this method sends besides the SPRINT prompt, by name."""
    return {name: load_prompt(name) for name in (FEW_SHOT_PROMPT, *REQUESTS.values())}


def message_of(asked: Asked, prompts: Mapping[str, str]) -> str:
    """The text so far, and the request for its next part."""
    request = prompts[REQUESTS[asked.part]]
    request = request.replace("{phase}", str(asked.phase)).replace("{number}", str(asked.number))
    return f"{asked.text}\n\n-----\n\n{request}"


class PromptedServer(ChatServer):
    """One instruct model on one server; `prompts` as from `few_shot_prompts`."""

    def __init__(self, url: str, model: str, *, prompts: Mapping[str, str], **more: Any) -> None:
        super().__init__(url, model, **more)
        self.prompts = prompts

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        """Like ChatServer's; `prompt` is a context of inference, and the reply is repaired."""
        asked = asked_of(prompt)
        tidy, heard = TidyReply(asked), 0

        def hear(piece: str) -> bool:
            nonlocal heard
            text = tidy.feed(piece)
            heard += len(text)
            return on_text is not None and on_text(text)

        completion = await super().complete(message_of(asked, self.prompts), sampling, hear)
        complete = completion.finish_reason in COMPLETE
        text = tidied(completion.text, asked, complete=complete)
        if on_text is not None and len(text) > heard:
            on_text(text[heard:])
        return replace(completion, text=text)
