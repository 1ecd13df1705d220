"""OpenAI's chat API: a completion, and the chunks of a stream."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from .api_errors import ApiError
from .api_format import ApiEndpoint
from .backend import Ask
from .outbox import Item
from .requests import ChatRequest
from .solving import CompleteAnswer
from .usage import AnswerUsage

DONE = b"data: [DONE]\n\n"


class Chunks:
    """The objects of one answer."""

    def __init__(self, ask: Ask[ChatRequest]) -> None:
        self._ask, self._created = ask, int(time.time())
        self._head = self._object("chat.completion.chunk")
        usage = '"usage": null, ' if ask.request.tells_usage else ""
        self._open = f"data: {json.dumps(self._head)[:-1]}, {usage}"

    def whole(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> dict[str, Any]:
        return {
            **self._object("chat.completion"),
            "choices": [_choice(index, choice) for index, choice in enumerate(choices)],
            "usage": usage.openai,
            "sprint": usage.sprint,
        }

    def begin(self) -> bytes:
        """The role of each choice."""
        first = '{"role": "assistant", "content": ""}'
        return b"".join(self._chunk(index, first) for index in range(self._ask.choices))

    def of(self, item: Item) -> bytes:
        if item.delta is None:
            event = f'"choices": [], "sprint_event": {{"choice": {item.choice}, {item.event[1:]}'
            return f"{self._open}{event}}}\n\n".encode()
        text = json.dumps(item.delta.text)
        if item.delta.field == "content":
            return self._chunk(item.choice, f'{{"content": {text}}}')
        return self._chunk(item.choice, f'{{"reasoning_content": {text}, "reasoning": {text}}}')

    def end(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> bytes:
        reasons = [json.dumps(_finish_reason(choice)) for choice in choices]
        data = b"".join(self._chunk(index, "{}", reason) for index, reason in enumerate(reasons))
        if self._ask.request.tells_usage:
            ours = {"choices": [], "usage": usage.openai, "sprint": usage.sprint}
            data += _data({**self._head, **ours})
        return data + DONE

    def failure(self, error: ApiError) -> bytes:
        return _data(error.body) + DONE

    def _chunk(self, choice: int, delta: str, reason: str = "null") -> bytes:
        # Built as text for speed: this runs for every token.
        end = f'{choice}, "delta": {delta}, "finish_reason": {reason}}}]}}\n\n'
        return f'{self._open}"choices": [{{"index": {end}'.encode()

    def _object(self, kind: str) -> dict[str, Any]:
        return {
            "id": self._ask.id,
            "object": kind,
            "created": self._created,
            "model": self._ask.model,
        }


CHAT = ApiEndpoint("/v1/chat/completions", "chatcmpl-", ChatRequest, Chunks)


def _choice(index: int, choice: CompleteAnswer) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": choice.answer,
        "reasoning_content": choice.reasoning,
        "reasoning": choice.reasoning,
    }
    reason = _finish_reason(choice)
    return {"index": index, "message": message, "finish_reason": reason, "logprobs": None}


def _finish_reason(choice: CompleteAnswer) -> str:
    return "stop" if choice.complete else "length"


def _data(content: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
