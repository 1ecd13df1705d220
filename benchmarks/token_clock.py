"""A server on loopback that replays recorded trajectories at a fixed time per token.

A token is a word here. The first token of a reply comes one tick after its request, and so on, as
from a server that decodes any number of streams at the same speed and prefills in no time. The
difference between a client's wall clock and its critical path is then due to the client alone.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

MODEL = "token-clock"
_TOKEN = re.compile(r"\s*\S+|\s+$")


def tokens(text: str) -> list[str]:
    """The words of a text, each with the white space before it; joined, they give the text."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    return len(tokens(text))


class TokenClock:
    """Answers each context of `replies` with its text, one token per `tick` seconds."""

    def __init__(self, replies: Mapping[str, str], tick: float) -> None:
        self.replies, self.tick = replies, tick

    async def models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    async def completions(self, http: web.Request) -> web.StreamResponse:
        http["begun"] = asyncio.get_running_loop().time()
        context = (await http.json())["prompt"]
        reply = self.find(context)
        if reply is None:
            message = "no recorded call has this context"
            return web.json_response({"error": {"message": message}}, status=400)
        try:
            return await self.answer(http, context, reply)
        except ConnectionResetError:  # the client has read enough
            return web.Response()

    def find(self, context: str) -> str | None:
        return self.replies.get(context)

    async def answer(self, http: web.Request, context: str, reply: str) -> web.StreamResponse:
        return await self.stream(http, tokens(reply))

    async def stream(
        self, http: web.Request, words: Sequence[str], whole: bool = True
    ) -> web.StreamResponse:
        """A word per tick; if they are not the `whole` reply, the connection then breaks."""
        loop = asyncio.get_running_loop()
        begun = http["begun"]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        for number, word in enumerate(words, start=1):
            await asyncio.sleep(max(0.0, begun + number * self.tick - loop.time()))
            await response.write(_event(_chunk(word, whole and number == len(words))))
        if not whole:
            assert http.transport is not None
            http.transport.abort()
            return response
        usage = {"prompt_tokens": 1, "completion_tokens": len(words), "total_tokens": 1}
        await response.write(_event({"object": "text_completion", "choices": [], "usage": usage}))
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1/models", self.models),
            web.post("/v1/completions", self.completions),
        ]


def _chunk(text: str, last: bool) -> dict[str, Any]:
    choice = {"index": 0, "text": text, "finish_reason": "stop" if last else None}
    return {"object": "text_completion", "choices": [choice | {"stop_reason": None}]}


def _event(content: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(content).encode() + b"\n\n"


def serve(make: Callable[[], TokenClock], ready: Connection) -> None:
    """Serve the server from `make` until this process ends; send the port when it listens."""

    gc.freeze()
    gc.disable()  # a collection would delay every stream

    async def main() -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_routes(make().routes())
        # A client that disconnects ends its handler, which may wait forever.
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def served(make: Callable[[], TokenClock]) -> Iterator[str]:
    """Run the server in a separate process; yields its URL. `make` must be picklable."""
    ready, other = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(make, other), daemon=True)
    server.start()
    try:
        yield f"http://127.0.0.1:{ready.recv()}/v1"
    finally:
        server.terminate()
        server.join()
