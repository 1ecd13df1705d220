"""Our server on loopback, in front of a scripted model server; in a thread of its own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from sprint.serving import ServingConfig
from sprint.serving.app import Application
from sprint.serving.backend import open_backend
from sprint.serving.stage import http_server, listen
from sprint.utils.api.retry import without_waits
from sprint.utils.grammar import trajectory_calls
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Trajectory
from starlette.routing import BaseRoute

from .fake_server import MODEL, FakeServer, Reply, Request
from .limits import PATIENCE
from .scripts import QUESTION, TRAJECTORY, Scripted
from .threaded import ThreadedServer

ROOT = Path(__file__).resolve().parents[2]
SERIAL_REPLY = "2*3 is 6, and 4*5 is 20.\n</think>\n\nThe sum is \\boxed{26}."
SPRINT_PROMPT, SERIAL_PROMPT = load_prompt("global_agent_prompt"), load_prompt("base_model_prompt")


class Client:
    """What is asked of a server by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx2.Client(trust_env=False, timeout=PATIENCE)

    def post(self, body: Any, **headers: str) -> httpx2.Response:
        """The response to a chat request; a body of bytes is sent as it is."""
        return self._post("/chat/completions", body, headers)

    def respond(self, body: Any, **headers: str) -> httpx2.Response:
        """The same for the Responses API."""
        return self._post("/responses", body, headers)

    def _post(self, path: str, body: Any, headers: Mapping[str, str]) -> httpx2.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            f"{self.url}{path}",
            content=content,
            headers={"Content-Type": "application/json", **headers},
        )

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(self.url.removesuffix("/v1") + path, headers=headers)

    @contextmanager
    def streaming(self, **fields: Any) -> Iterator[Iterator[dict[str, Any]]]:
        """The events of a stream, one after another, until the block is left."""
        with self.client.stream(
            "POST", f"{self.url}/chat/completions", json=asking(stream=True, **fields)
        ) as response:
            assert response.status_code == 200, response.read()
            yield events_of(response)

    def stream(self, **fields: Any) -> list[dict[str, Any]]:
        with self.streaming(**fields) as events:
            return list(events)


class Served(ThreadedServer, Client):
    """Our server. Use as a context manager."""

    def __init__(self, model_url: str, also: Sequence[BaseRoute] = (), **fields: Any) -> None:
        ThreadedServer.__init__(self)
        Client.__init__(self, "")
        given: dict[str, Any] = {
            "planner_model": MODEL,
            "planner_server_url": model_url,
            "temperature": 0,
            "tokenizer": str(ROOT / "models" / "sample_base"),
        }
        self.config = ServingConfig(**given | fields)
        self._stack, self._also = AsyncExitStack(), also

    @property
    def tasks(self) -> int:
        """Tasks in the server's event loop."""

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return self._do(count())

    @property
    def connections(self) -> int:
        """Open connections of clients."""
        return len(self._server.server_state.connections)

    async def _start(self) -> None:
        backend = await self._stack.enter_async_context(open_backend(self.config))
        self.application = Application(backend, also=self._also)
        listening = listen("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        self._server = http_server(self.application)
        with without_waits():  # the server's tasks take this over
            self._serving = asyncio.create_task(self._server.serve([listening]))

    def stop(self) -> None:
        self.client.close()

        async def stop() -> None:
            self._server.should_exit = self._server.force_exit = True
            await self._serving
            await self._stack.aclose()

        self._do(stop())


def events_of(response: httpx2.Response) -> Iterator[dict[str, Any]]:
    """What the events hold, without the last, which says that all is done."""
    for line in response.iter_lines():
        if line == "data: [DONE]":
            return
        if line:
            yield json.loads(line.removeprefix("data: "))
    raise AssertionError("the stream ended without [DONE]")


def asking(**fields: Any) -> dict[str, Any]:
    """A request of one question."""
    return {"model": "sprint", "messages": [{"role": "user", "content": QUESTION}]} | fields


def responding(**fields: Any) -> dict[str, Any]:
    """The same request of the Responses API."""
    return {"model": "sprint", "input": QUESTION} | fields


def joined(events: Sequence[Mapping[str, Any]], field: str, choice: int = 0) -> str:
    """The text of a field of a streamed message."""
    return "".join(
        one["delta"].get(field) or ""
        for event in events
        for one in event["choices"]
        if one["index"] == choice
    )


def script(trajectory: Trajectory = TRAJECTORY, serial: str = SERIAL_REPLY) -> SprintScript:
    return SprintScript(trajectory, serial)


class SprintScript(Scripted):
    """Replies to the calls of a trajectory, and to those of a serial answer."""

    def __init__(self, trajectory: Trajectory, serial: str) -> None:
        super().__init__(trajectory_calls(SPRINT_PROMPT, trajectory))
        self.serial = Reply.of(serial)

    def __call__(self, request: Request) -> Any:
        if request.context.startswith(SERIAL_PROMPT):
            return self.serial
        return super().__call__(request)


@contextmanager
def served(model_server: FakeServer, **fields: Any) -> Iterator[Served]:
    with Served(model_server.url, **fields) as found:
        yield found
