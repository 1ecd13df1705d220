"""One request over HTTP: from its body to the last byte of its answer."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from .api_errors import ApiError, json_response
from .api_format import AnswerFormat, ApiEndpoint
from .backend import Backend
from .clients import read_body, send_in_time, while_connected
from .metrics import Metrics
from .outbox import Outbox
from .queueing import Places
from .request_fields import AnyRequest
from .solving import Solving
from .validation import read

log = logging.getLogger(__name__)

EVENT_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class ApiServer:
    """Answers requests of any API."""

    def __init__(self, backend: Backend, places: Places, metrics: Metrics) -> None:
        self.backend, self.places, self.metrics = backend, places, metrics

    async def answer(self, endpoint: ApiEndpoint[AnyRequest], http: Request) -> OngoingAnswer:
        """Validate a request and return its answer. Raises ApiError for an invalid request."""
        begun = time.monotonic()
        self.places.require_room()
        body = await read_body(http, self.backend.config.max_body_bytes)
        request = read(endpoint.request, body)
        http.state.model = request.model if request.model in self.backend.models else ""
        ask = self.backend.ask(request, f"{endpoint.prefix}{uuid.uuid4().hex}")
        if self.backend.config.log_requests:
            log.info("%s for %s: %s", ask.id, ask.model, ask.question)
        solving = Solving(self.backend, self.places, self.metrics, ask, begun)
        return OngoingAnswer(solving, endpoint.answer_format(ask), stream=bool(request.stream))


class OngoingAnswer:
    """An answer in progress: an ASGI application for one request."""

    def __init__(self, solving: Solving, answer_format: AnswerFormat, *, stream: bool) -> None:
        self._solving, self._format, self._streams = solving, answer_format, stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        work = self._stream(send) if self._streams else self._whole(send)
        if not await while_connected(receive, work):
            self._solving.abandoned()

    async def _whole(self, send: Send) -> None:
        choices = await self._solving.solve(None)
        usage = await self._solving.usage(choices)
        response = json_response(self._format.whole(choices, usage))
        await send_in_time(send, _start(200, response.raw_headers))
        await send_in_time(send, {"type": "http.response.body", "body": response.body})

    async def _stream(self, send: Send) -> None:
        """Sends nothing before the first text, so that an earlier failure can set the status."""
        task = asyncio.current_task()
        assert task is not None
        outbox, answer_format = Outbox(task.cancel), self._format
        solving = asyncio.create_task(self._solving.solve(outbox))
        solving.add_done_callback(lambda _: outbox.close())
        started = False
        try:
            async for items in outbox.batches():
                data = b"" if started else answer_format.begin()
                data += b"".join(answer_format.of(item) for item in items)
                if not started:
                    started = True
                    await send_in_time(send, _start(200, EVENT_STREAM))
                await _send_data(send, data)
            try:
                choices = await solving
            except ApiError as error:
                if not started:
                    raise
                self._solving.broke_off()
                await _send_data(send, answer_format.failure(error), more=False)
                return
        finally:
            solving.cancel()
            await asyncio.gather(solving, return_exceptions=True)
        if not started:
            await send_in_time(send, _start(200, EVENT_STREAM))
            await _send_data(send, answer_format.begin())
        usage = await self._solving.usage(choices)
        await _send_data(send, answer_format.end(choices, usage), more=False)


def _start(status: int, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _send_data(send: Send, data: bytes, *, more: bool = True) -> None:
    await send_in_time(send, {"type": "http.response.body", "body": data, "more_body": more})
