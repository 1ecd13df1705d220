"""OpenAI's Responses API: a response, and the events of a stream."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from .api_errors import ApiError
from .api_format import ApiEndpoint
from .backend import Ask
from .outbox import Item
from .response_items import (
    MESSAGE,
    REASONING,
    SUMMARY,
    ItemFields,
    ItemKind,
    ItemStatus,
    StreamedItem,
)
from .response_requests import ResponseRequest
from .solving import CompleteAnswer
from .usage import AnswerUsage

PREFIX = "resp_"


class Events:
    """The objects of one response.

    If text of the answer is followed by more reasoning, because an attempt was discarded, the
    reasoning is another item of a stream, and the message goes on.
    """

    def __init__(self, ask: Ask[ResponseRequest]) -> None:
        self._ask, self._created = ask, int(time.time())
        self._kind = SUMMARY if ask.request.summary else REASONING
        self._numbers = count()
        self._items = list[StreamedItem]()
        self._reasoning: StreamedItem | None = None
        """The reasoning that is open."""
        self._message: StreamedItem | None = None

    def whole(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> ItemFields:
        (choice,) = choices
        status, texts = _status(choice), list[tuple[ItemKind, ItemStatus, str]]()
        if choice.reasoning:
            texts.append((self._kind, "completed" if choice.answer else status, choice.reasoning))
        if choice.answer:
            texts.append((MESSAGE, status, choice.answer))
        items = [
            kind.item(self._id(kind, index), ended, text)
            for index, (kind, ended, text) in enumerate(texts)
        ]
        return self._ended(status, items, usage)

    def begin(self) -> bytes:
        started = self._response("in_progress", [])
        names = ("response.created", "response.in_progress")
        return self._sent({"type": name, "response": started} for name in names)

    def of(self, item: Item) -> bytes:
        if item.delta is None or not item.delta.text:
            return b""
        before = b""
        if item.delta.field == "content":
            before = self._close_reasoning("completed")
            if (growing := self._message) is None:
                self._message = growing = self._add(MESSAGE)
                before += self._sent(growing.opened())
        elif (growing := self._reasoning) is None:
            self._reasoning = growing = self._add(self._kind)
            before = self._sent(growing.opened())
        return before + growing.grown(item.delta.text, next(self._numbers))

    def end(self, choices: Sequence[CompleteAnswer], usage: AnswerUsage) -> bytes:
        status = _status(choices[0])
        data = self._close_reasoning(status)
        if self._message is not None:
            data += self._sent(self._message.closed(status))
        response = self._ended(status, [one.now() for one in self._items], usage)
        return data + self._sent([{"type": f"response.{status}", "response": response}])

    def failure(self, error: ApiError) -> bytes:
        """Both events, as OpenAI sends them, since clients handle one or the other."""
        code = "server_error" if error.status >= 500 else "invalid_prompt"
        response = self._response("failed", [one.now() for one in self._items])
        response["error"] = {"code": code, "message": str(error)}
        reported = error.body["error"]
        event = {"type": "error"} | {name: reported[name] for name in ("code", "message", "param")}
        return self._sent([event, {"type": "response.failed", "response": response}])

    def _add(self, kind: ItemKind) -> StreamedItem:
        index = len(self._items)
        self._items.append(StreamedItem(kind, self._id(kind, index), index))
        return self._items[-1]

    def _close_reasoning(self, status: ItemStatus) -> bytes:
        closing, self._reasoning = self._reasoning, None
        return b"" if closing is None else self._sent(closing.closed(status))

    def _id(self, kind: ItemKind, index: int) -> str:
        return f"{kind.prefix}_{self._ask.id.removeprefix(PREFIX)}_{index}"

    def _sent(self, events: Iterable[ItemFields]) -> bytes:
        return b"".join(map(self._event, events))

    def _event(self, event: ItemFields) -> bytes:
        data = json.dumps({**event, "sequence_number": next(self._numbers)})
        return f"event: {event['type']}\ndata: {data}\n\n".encode()

    def _ended(
        self, status: ItemStatus, output: list[ItemFields], usage: AnswerUsage
    ) -> ItemFields:
        response = self._response(status, output)
        if status == "incomplete":
            response["incomplete_details"] = {"reason": "max_output_tokens"}
        else:
            response["completed_at"] = int(time.time())
        return {**response, "usage": usage.responses, "sprint": usage.sprint}

    def _response(self, status: str, output: list[ItemFields]) -> dict[str, Any]:
        ask, request = self._ask, self._ask.request
        parallel = request.parallel_tool_calls
        return {
            "id": ask.id,
            "object": "response",
            "created_at": self._created,
            "completed_at": None,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "background": False,
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "metadata": request.metadata or {},
            "model": ask.model,
            "output": output,
            "parallel_tool_calls": True if parallel is None else parallel,
            "previous_response_id": None,
            "prompt_cache_key": request.prompt_cache_key,
            "reasoning": {"effort": None, "summary": request.summary},
            "safety_identifier": request.safety_identifier,
            "service_tier": "default",
            "store": False,
            "temperature": ask.temperature,
            "text": {"format": {"type": "text"}, "verbosity": "medium"},
            "tool_choice": request.tool_choice or "auto",
            "tools": [],
            "top_logprobs": 0,
            "top_p": ask.top_p,
            "truncation": "disabled",
            "usage": None,
            "user": request.user,
        }


RESPONSES = ApiEndpoint("/v1/responses", PREFIX, ResponseRequest, Events)


def _status(choice: CompleteAnswer) -> ItemStatus:
    return "completed" if choice.complete else "incomplete"
