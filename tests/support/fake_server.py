"""A scripted model server on loopback that speaks OpenAI's protocol as vLLM 0.32 does.

A test gives a script, a function from a Request to a Reply or a Refusal; faults are parts of a
reply. The server runs in a thread of its own, so that it serves coroutines and child processes
alike. A token is TOKEN characters, and text that may be the beginning of a stop string is held
back as vLLM does: as many characters as the longest stop string has, less one, or none where the
request wants the stop string in the output.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import socket
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Literal

from aiohttp import web

from .fake_decoder import INCLUDE_STOP, TOKEN, Decoder, with_ids
from .limits import PATIENCE
from .threaded import ThreadedServer

MODEL = "fake/model"


class Gate:
    """What a reply waits for. Anyone may open it, in any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._event = loop, asyncio.Event()

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        await self._event.wait()


class Fault(Enum):
    """Parts of a reply that are no text."""

    CUT = auto()
    """The connection breaks off here."""
    NOT_JSON = auto()
    """An event that is no JSON."""
    NO_CHOICES = auto()
    """An event whose choices are null."""
    NO_TEXT = auto()
    """A choice whose text is a number."""
    A_LIST = auto()
    """An event that is no object."""
    ERROR_EVENT = auto()
    """An error in the middle of the stream, as vLLM sends it when its engine fails."""
    BARE_ERROR = auto()
    """The same as vLLM before 0.10 sends it, without the key `error`."""
    REFUSED_EVENT = auto()
    """A refusal in the stream: its status has been sent before it was known."""
    DONE = auto()
    """The stream says that all is done, and the connection closes."""


@dataclass(frozen=True)
class Thought:
    """A piece of a chat answer that the server tells apart as thought."""

    text: str


@dataclass(frozen=True)
class Reply:
    """What is streamed: text, gates to wait for, and faults, in order."""

    parts: tuple[str | Thought | Gate | Fault, ...]
    cached_tokens: int = 0
    truncated: bool = False
    """Whether a chat answer says that it was cut off at its longest."""
    ending: str | None = ""
    """A finish reason that the decoder does not give; None: no finish reason."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Replaces these fields of a chat answer; in a stream, only "usage"."""

    @classmethod
    def of(cls, *parts: str | Thought | Gate | Fault) -> Reply:
        return cls(parts)

    @property
    def text(self) -> str:
        return "".join(part for part in self.parts if isinstance(part, str))


@dataclass(frozen=True)
class Refusal:
    """An answer that is no completion."""

    status: int
    message: str = "refused by the script"
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    error: Mapping[str, Any] = field(default_factory=dict)
    """What stands in place of those fields of the error."""


class State(Enum):
    OPEN = auto()
    ANSWERED = auto()
    FAILED = auto()
    """Refused, or cut by the script."""
    ABORTED = auto()
    """The client went away first."""


@dataclass
class Request:
    """One POST. `arrived` and `left` are places in the order of all events of the server."""

    body: dict[str, Any]
    arrived: int
    authorization: str = ""
    client_port: int = 0
    """Requests of one connection share it."""
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    left: int | None = None
    state: State = State.OPEN
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def context(self) -> str:
        """The prompt; of a chat, all that was said, put together."""
        if isinstance(self.body.get("prompt"), list):
            return "".join(map(chr, self.body["prompt"]))
        if "prompt" in self.body:
            return str(self.body["prompt"])
        return "".join(str(said["content"]) for said in self.body["messages"])

    @property
    def temperature(self) -> float:
        return float(self.body["temperature"])

    @property
    def final_state(self) -> State:
        """The state in which the request ends."""
        assert self.over.wait(PATIENCE), f"still open: {self.context[-80:]!r}"
        return self.state


Answer = Reply | Refusal
Script = Callable[[Request], Answer | Awaitable[Answer]]


def nothing_scripted(request: Request) -> Answer:
    raise LookupError("the test has set no script")


class Listening(socket.socket):
    """A socket that listens on loopback, and can break off all connections that it accepted.

    aiohttp does not know a connection that the event loop has only just accepted, and leaves it
    open when it stops; the end of a process closes it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bind(("127.0.0.1", 0))
        self._accepted: list[socket.socket] = []

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        self._accepted.append(connection)
        return connection, address

    def break_off(self) -> None:
        for connection in self._accepted:
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_RDWR)


class FakeServer(ThreadedServer):
    """Use as a context manager; set `script` before anything is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.script: Script = nothing_scripted
        self.names_stops = True
        """Whether the last chunk says which stop string hit, as vLLM's does and OpenAI's not."""
        self.include_stop: Literal["honoured", "ignored", "refused"] = "honoured"
        """What becomes of the field that wants the stop string in the output."""
        self.tells_ids = False
        """Whether token ids are given where they are wanted: of each character its code point."""
        self.models_status = 200
        """Of the list of models; 404 if there is none."""
        self.context: int | None = None
        """Tokens of prompt and reply together; what exceeds it is refused. A token is TOKEN
        characters, as everywhere here."""
        self.card: dict[str, Any] = {}
        """What else the list of models says of the model."""
        self.more_cards: list[dict[str, Any]] = []
        """Other models of the list."""
        self.refuse_too_long: Callable[[int, int, int], dict[str, Any]] = vllm_too_long
        """The error for a prompt and a reply of so many tokens, and the context."""
        self.refuses: set[str] = set()
        """Fields that are refused with their name."""
        self.requests: list[Request] = []
        self.peak = 0
        """The most requests that were open at a time."""
        self.script_errors: list[str] = []
        self._events = itertools.count()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def in_flight(self) -> int:
        return sum(request.state is State.OPEN for request in self.requests)

    def gate(self) -> Gate:
        return Gate(self._loop)

    def asked(self, ending: str) -> list[Request]:
        """The requests whose contexts end with `ending`, in the order of their arrival."""
        return [request for request in self.requests if request.context.endswith(ending)]

    def stop(self) -> None:
        """Stop listening and drop all connections; the url stays."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            self._do(runner.cleanup())

    def kill(self) -> None:
        """Break off what is in flight, as the end of a process does; `stop` waits for it."""
        self._do(self._break_off())
        self.stop()

    async def _break_off(self) -> None:
        assert self._runner is not None
        for site in self._runner.sites:
            await site.stop()
        self._listening.break_off()

    async def _start(self) -> None:
        app = web.Application(client_max_size=2**26)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/completions", self._completions)
        app.router.add_post("/v1/chat/completions", self._chat)
        self._add_routes(app)
        self._runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=0.0, access_log=None
        )
        await self._runner.setup()
        self._listening = Listening()
        await web.SockSite(self._runner, self._listening).start()
        self._port = self._listening.getsockname()[1]

    def _add_routes(self, app: web.Application) -> None:
        """What a server of another kind has on top."""

    async def _models(self, _: web.Request) -> web.Response:
        if self.models_status != 200:
            return error_response(Refusal(self.models_status))
        card = {"id": MODEL, "object": "model", "created": 0, "owned_by": "tests"}
        return web.json_response({"object": "list", "data": [card | self.card, *self.more_cards]})

    async def _completions(self, http: web.Request) -> web.StreamResponse:
        return await self._serve(http, self._stream)

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        streamed = (await http.json()).get("stream", False)
        return await self._serve(http, self._stream if streamed else self._chat_answer)

    async def _serve(
        self,
        http: web.Request,
        answer: Callable[[web.Request, Request, Reply], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        assert http.transport is not None
        _, port, *_ = http.transport.get_extra_info("peername")
        request = Request(
            await http.json(),
            next(self._events),
            http.headers.get("Authorization", ""),
            port,
            http.path,
            http.headers,
        )
        self.requests.append(request)
        self.peak = max(self.peak, self.in_flight)
        try:
            refusal = self._check(request) or await self._ask_script(request)
            if isinstance(refusal, Refusal):
                request.state = State.FAILED
                return error_response(refusal)
            response = await answer(http, request, refusal)
            if request.state is State.OPEN:
                request.state = State.ANSWERED
            return response
        except (asyncio.CancelledError, ConnectionError):
            request.state = State.ABORTED
            raise
        finally:
            request.left = next(self._events)
            request.over.set()

    def _check(self, request: Request) -> Refusal | None:
        """What vLLM refuses."""
        if request.body["model"] != MODEL:
            return Refusal(404, f"The model `{request.body['model']}` does not exist.")
        if len(request.body.get("stop") or ()) > 4:
            return Refusal(400, "at most 4 stop strings")
        if self.include_stop == "refused" and INCLUDE_STOP in request.body:
            return Refusal(400, f"Unrecognized request argument supplied: {INCLUDE_STOP}")
        if (too_long := self._too_long(request)) is not None:
            return too_long
        for name in self.refuses & request.body.keys():
            return Refusal(400, f"Unknown parameter: {name}")
        return None

    def _too_long(self, request: Request) -> Refusal | None:
        body, prompt = request.body, token_count(request.context)
        reply = int(body.get("max_tokens") or body.get("max_completion_tokens") or 16)
        if self.context is None or prompt + reply <= self.context:
            return None
        return Refusal(400, error=self.refuse_too_long(prompt, reply, self.context))

    async def _ask_script(self, request: Request) -> Answer:
        try:
            answer = self.script(request)
            return await answer if inspect.isawaitable(answer) else answer
        except Exception:  # noqa: BLE001 - whatever it is, the fixture shows it when the test ends
            self.script_errors.append(traceback.format_exc())
            return Refusal(400, "the script failed")

    async def _stream(
        self, http: web.Request, request: Request, reply: Reply
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        decoder = Decoder(request.body, self.include_stop == "honoured")
        wanted = request.body.get("stream_options", {})
        always = wanted.get("continuous_usage_stats", False)
        tell = self.tells_ids and request.body.get("return_token_ids", False)
        logprobs = request.body.get("logprobs") is not None
        context, is_chat = request.context, "messages" in request.body
        for part in reply.parts:
            if isinstance(part, Gate):
                await part.wait()
            elif isinstance(part, Thought):
                chunk = self._chunk("", None, None, None, is_chat=True)
                chunk["choices"][0]["delta"]["reasoning_content"] = part.text
                await send(response, chunk)
            elif isinstance(part, Fault):
                request.state = State.FAILED
                if part is Fault.CUT:
                    assert http.transport is not None
                    http.transport.abort()
                else:
                    await response.write(FAULTY_EVENTS[part])
                return response
            else:
                for delta in decoder.decode(part):
                    usage = usage_of(context, decoder.tokens, reply) if always else None
                    await send(
                        response,
                        with_ids(
                            self._chunk(delta, None, None, usage, is_chat), context, tell, logprobs
                        ),
                    )
                    context = ""
        usage = usage_of(request.context, decoder.tokens, reply)
        rest, finish = decoder.rest, decoder.finish_reason if reply.ending == "" else reply.ending
        last = self._chunk(rest, finish, decoder.stop_reason, usage if always else None, is_chat)
        await send(response, with_ids(last, context, tell, logprobs))
        if wanted.get("include_usage"):
            await send(response, HEAD | {"choices": [], "usage": usage})
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    def _chunk(
        self,
        text: str,
        finish: str | None,
        stop: str | None,
        usage: dict[str, Any] | None,
        is_chat: bool,
    ) -> dict[str, Any]:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
        if self.names_stops:
            choice["stop_reason"] = stop
        if is_chat:
            choice["delta"] = {"role": "assistant", "content": choice.pop("text")}
        return HEAD | {"choices": [choice], "usage": usage}

    async def _chat_answer(
        self, http: web.Request, request: Request, reply: Reply
    ) -> web.StreamResponse:
        for part in reply.parts:
            if isinstance(part, Gate):
                await part.wait()
            elif part is Fault.CUT:
                request.state = State.FAILED
                assert http.transport is not None
                http.transport.abort()
            elif part is Fault.NOT_JSON:
                request.state = State.FAILED
                return web.Response(text="{oops", content_type="application/json")
        return web.json_response(chat_completion(request, reply))


HEAD = {"id": "cmpl-1", "object": "text_completion", "created": 0, "model": MODEL}
FAULTY_EVENTS = {
    Fault.NOT_JSON: b"data: {oops\n\n",
    Fault.NO_CHOICES: b'data: {"choices": null}\n\n',
    Fault.NO_TEXT: b'data: {"choices": [{"index": 0, "text": 5}]}\n\n',
    Fault.A_LIST: b"data: [1, 2]\n\n",
    Fault.ERROR_EVENT: b'data: {"error": {"message": "EngineCore died", "code": 500}}\n\n',
    Fault.BARE_ERROR: b'data: {"object": "error", "message": "EngineCore died", "code": 500}\n\n',
    Fault.REFUSED_EVENT: b'data: {"error": {"message": "too long", "code": 400}}\n\n',
    Fault.DONE: b"data: [DONE]\n\n",
}


def chat_completion(request: Request, reply: Reply) -> dict[str, Any]:
    """The JSON of a chat answer."""
    message = {"role": "assistant", "content": reply.text}
    finish: str | None = "length" if reply.truncated else "stop"
    if reply.ending != "":
        finish = reply.ending
    choice = {"index": 0, "message": message, "finish_reason": finish, "stop_reason": None}
    usage = usage_of(request.context, token_count(reply.text), reply)
    answer = HEAD | {"object": "chat.completion", "choices": [choice], "usage": usage}
    return answer | dict(reply.fields)


async def send(response: web.StreamResponse, event: Mapping[str, Any]) -> None:
    await response.write(f"data: {json.dumps(event)}\n\n".encode())


def vllm_too_long(prompt: int, reply: int, context: int) -> dict[str, Any]:
    """As vLLM 0.32 refuses: it reads no more of a prompt than could fit, and so tells a bound."""
    if reply > context:
        said = f"max_tokens={reply} cannot be greater than max_model_len={context}. Ask for fewer."
        return {"message": said, "param": "max_tokens"}
    said = (
        f"This model's maximum context length is {context} tokens. However, your prompt contains "
        f"at least {context - reply + 1} input tokens, which exceeds this limit."
    )
    return {"message": said, "param": "input_tokens"}


def token_count(text: str) -> int:
    return -(-len(text) // TOKEN)


def usage_of(context: str, completion_tokens: int, reply: Reply) -> dict[str, Any]:
    if "usage" in reply.fields:
        return dict(reply.fields["usage"])
    prompt_tokens = token_count(context)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
        "prompt_tokens_details": {"cached_tokens": reply.cached_tokens},
    }


def error_response(refusal: Refusal) -> web.Response:
    error = {
        "message": refusal.message,
        "type": "Error",
        "param": None,
        "code": refusal.code or refusal.status,
    }
    error |= refusal.error
    return web.json_response({"error": error}, status=refusal.status, headers=refusal.headers)
