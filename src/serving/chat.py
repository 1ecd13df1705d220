"""POST /v1/chat/completions: one request, from its body to the last chunk."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ..utils.api.finish_reasons import FinishReason
from ..utils.concurrency.tasks import all_at_once
from ..utils.methods.events import Event
from ..utils.records import Result
from .api_errors import (
    ApiError,
    json_response,
    of_solver,
    upstream_down,
    upstream_silent,
)
from .backend import Ask, Backend
from .chunks import Chunks, event_json
from .connection import read_body, send_in_time, while_connected
from .faults import error_of
from .metrics import Metrics
from .outbox import Outbox
from .queueing import Places
from .rendering import Delta, Rendering
from .requests import read_request
from .usage import AnswerUsage

log = logging.getLogger(__name__)

EVENT_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class CompleteAnswer(NamedTuple):
    """One complete answer."""

    result: Result
    rendering: Rendering
    reasoning: str

    @property
    def finish_reason(self) -> str:
        """`stop` for an answer that is complete or ended at a stop string, otherwise `length`."""
        answer, calls = self.rendering.answer, [one for one in self.result.calls if one.kept]
        cut = not calls or calls[-1].finish_reason == FinishReason.LENGTH
        whole = bool(answer.text) and not cut and self.rendering.cut_short is None
        return "stop" if answer.stopped or whole else "length"


class ChatService:
    """Answers chat requests."""

    def __init__(self, backend: Backend, places: Places, metrics: Metrics) -> None:
        self.backend, self.places, self.metrics = backend, places, metrics

    async def chat(self, http: Request) -> Answering:
        """Validate a request and return its answer. Raises ApiError for an invalid request."""
        begun = time.monotonic()
        self.places.require_open()
        body = await read_body(http, self.backend.config.max_body_bytes)
        request = read_request(body)
        http.state.model = request.model if request.model in self.backend.models else ""
        ask = self.backend.ask(request, f"chatcmpl-{uuid.uuid4().hex}")
        if self.backend.config.log_requests:
            log.info("%s for %s: %s", ask.id, ask.model, ask.question)
        return Answering(self, ask, begun)


class Answering:
    """An answer in progress: an ASGI application for one request."""

    def __init__(self, server: ChatService, ask: Ask, begun: float) -> None:
        self.server, self.ask, self.begun = server, ask, begun
        self._chunks = Chunks(ask)
        options = ask.request.stream_options
        self._tells_usage = bool(options and options.include_usage)
        self._tells_events = bool(options and options.include_events)
        self._anything = False
        """Some text has arrived."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer() -> None:
            await (self._stream(send) if self.ask.request.stream else self._whole(scope, send))

        if not await while_connected(receive, answer()):
            self.server.metrics.left()

    async def _whole(self, scope: Scope, send: Send) -> None:
        choices = await self._solve(None)
        usage = await self._usage(choices)
        body = self._chunks.completion([self._message(one) for one in choices], usage)
        response = json_response(body)
        await send_in_time(send, _start(200, response.raw_headers))
        await send_in_time(send, {"type": "http.response.body", "body": response.body})

    async def _stream(self, send: Send) -> None:
        """Sends nothing before the first text, so that an earlier failure can set the status."""
        task = asyncio.current_task()
        assert task is not None
        outbox = Outbox(task.cancel)
        solving = asyncio.create_task(self._solve(outbox))
        solving.add_done_callback(lambda _: outbox.close())
        started = False
        try:
            async for items in outbox.batches():
                data = b"".join(self._chunks.of(item) for item in items)
                if not started:
                    started = True
                    await send_in_time(send, _start(200, EVENT_STREAM))
                    data = self._chunks.roles() + data
                await _send_data(send, data)
            try:
                choices = await solving
            except Exception as error:
                if not started:
                    raise
                await self._end_with(send, error_of(error))
                return
        finally:
            solving.cancel()
            await asyncio.gather(solving, return_exceptions=True)
        if not started:
            await send_in_time(send, _start(200, EVENT_STREAM))
            await _send_data(send, self._chunks.roles())
        reasons = [choice.finish_reason for choice in choices]
        data = b"".join(self._chunks.finish(index, why) for index, why in enumerate(reasons))
        usage = await self._usage(choices)
        if self._tells_usage:
            data += self._chunks.usage(usage)
        await _send_data(send, data + self._chunks.done(), more=False)

    async def _end_with(self, send: Send, error: ApiError) -> None:
        await _send_data(send, self._chunks.error(error) + self._chunks.done(), more=False)

    async def _solve(self, outbox: Outbox | None) -> list[CompleteAnswer]:
        """Solve all choices once there is capacity; `outbox` receives the text to stream."""
        deadline = self.server.backend.config.request_deadline
        try:
            async with asyncio.timeout(deadline or None) as limit:
                async with self.server.places.place(self.ask.choices):
                    limit.reschedule(None)  # from here on, it is the problem's deadline
                    left = max(0.001, deadline - self._elapsed()) if deadline else 0.0
                    numbers = range(self.ask.choices)
                    return await all_at_once(self._choice(one, left, outbox) for one in numbers)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise upstream_silent() from error

    async def _choice(self, number: int, left: float, outbox: Outbox | None) -> CompleteAnswer:
        rendering, reasoning = Rendering(self.ask.request.stops), list[str]()

        def show(deltas: Iterable[Delta]) -> None:
            for delta in deltas:
                self._note_first()
                if delta.field == "reasoning":
                    reasoning.append(delta.text)
                if outbox is not None:
                    outbox.put(number, delta)

        def on_event(event: Event) -> bool:
            show(rendering.feed(event))
            if outbox is not None and self._tells_events:
                outbox.put_event(number, event_json(event))
            contradicted = outbox is not None and rendering.answer.contradicted
            return rendering.answer.stopped or contradicted

        result = await self.server.backend.solve(self.ask, number, left, on_event)
        show(rendering.end())
        choice = CompleteAnswer(result, rendering, "".join(reasoning))
        self._require_answer(choice)
        return choice

    def _note_first(self) -> None:
        if not self._anything:
            self._anything = True
            self.server.metrics.first_text(self.ask.model, self._elapsed())

    def _require_answer(self, choice: CompleteAnswer) -> None:
        """Raise ApiError if the answer is missing because of the model server."""
        rendering = choice.rendering
        if self.ask.request.stream and rendering.answer.contradicted:
            raise ApiError(
                502,
                "A call failed within the answer, and its retry wrote a different answer. Send the "
                "request again.",
                "server_error",
                code="answer_broke_off",
            )
        if rendering.answer.text:
            return
        if rendering.cut_short and rendering.cut_short.by_deadline and not choice.reasoning:
            raise upstream_silent()
        if not choice.result.final:
            discarded = rendering.last_discarded
            raise of_solver(discarded.error) if discarded else upstream_down()

    async def _usage(self, choices: list[CompleteAnswer]) -> AnswerUsage:
        """Runs in a thread, because it may count many tokens."""
        count, serial = self.server.backend.count_of(self.ask), self.ask.serial

        def counted() -> AnswerUsage:
            return AnswerUsage.of_all(
                [
                    AnswerUsage.of(one.result, one.rendering.answer.pieces, count, serial=serial)
                    for one in choices
                ]
            )

        usage = await asyncio.to_thread(counted)
        self.server.metrics.answered(self.ask.model, self._elapsed(), usage)
        if self.server.backend.config.log_requests:
            log.info("%s finished in %.2f s", self.ask.id, self._elapsed())
        return usage

    def _message(self, choice: CompleteAnswer) -> dict[str, Any]:
        message = {
            "role": "assistant",
            "content": choice.rendering.answer.text,
            "reasoning_content": choice.reasoning,
            "reasoning": choice.reasoning,
        }
        return {"message": message, "finish_reason": choice.finish_reason}

    def _elapsed(self) -> float:
        return time.monotonic() - self.begun


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _send_data(send: Send, data: bytes, *, more: bool = True) -> None:
    await send_in_time(send, {"type": "http.response.body", "body": data, "more_body": more})
