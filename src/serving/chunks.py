"""Objects of OpenAI's chat API: a completion and the chunks of a stream."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ..utils.errors import SprintError
from ..utils.methods.events import Event
from .api_errors import ApiError
from .backend import Ask
from .outbox import Item
from .usage import AnswerUsage

DONE = b"data: [DONE]\n\n"
_CAPITAL = re.compile(r"(?<!^)([A-Z])")


class Chunks:
    """The objects of one answer."""

    def __init__(self, ask: Ask) -> None:
        self._ask, self._created = ask, int(time.time())
        self._head = self._object("chat.completion.chunk")
        self._open = f"data: {json.dumps(self._head)[:-1]}, "

    def completion(
        self, choices: Sequence[Mapping[str, Any]], usage: AnswerUsage
    ) -> dict[str, Any]:
        """The complete answer."""
        numbered = [
            {"index": index, **choice, "logprobs": None} for index, choice in enumerate(choices)
        ]
        return {
            **self._object("chat.completion"),
            "choices": numbered,
            "usage": usage.openai,
            "sprint": usage.sprint,
        }

    def roles(self) -> bytes:
        """The first chunk of each choice."""
        first = '{"role": "assistant", "content": ""}'
        return b"".join(self._chunk(index, first) for index in range(self._ask.choices))

    def of(self, item: Item) -> bytes:
        if item.delta is None:
            told = f'"choices": [], "sprint_event": {{"choice": {item.choice}, {item.event[1:]}'
            return f"{self._open}{told}}}\n\n".encode()
        text = json.dumps(item.delta.text)
        if item.delta.field == "content":
            return self._chunk(item.choice, f'{{"content": {text}}}')
        return self._chunk(item.choice, f'{{"reasoning_content": {text}, "reasoning": {text}}}')

    def finish(self, choice: int, reason: str) -> bytes:
        return self._chunk(choice, "{}", json.dumps(reason))

    def usage(self, usage: AnswerUsage) -> bytes:
        return _data({**self._head, "choices": [], "usage": usage.openai, "sprint": usage.sprint})

    def error(self, error: ApiError) -> bytes:
        return _data(error.body)

    def done(self) -> bytes:
        return DONE

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


def event_json(event: Event) -> str:
    """An event as JSON, named after its class (PlanText: plan_text), without its error."""
    told = {
        one.name: value
        for one in fields(event)
        if not isinstance(value := getattr(event, one.name), SprintError)
    }
    told["seconds"] = round(event.seconds, 4)
    name = _CAPITAL.sub(r"_\1", type(event).__name__).lower()
    return json.dumps({"event": name, **told})


def _data(content: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()
