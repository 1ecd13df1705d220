"""The scripted server with OpenAI's Batch API on top.

Each line of a batch is answered by the script as a request of its own would be: a Reply gives a
result, a Refusal a line with its status, and a reply that is cut a line that has expired.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from .fake_server import FakeServer, Fault, Refusal, Request, chat_completion


@dataclass
class FakeBatch:
    """A batch as the server knows it; `looks` counts how often its status was asked for."""

    id: str
    lines: list[dict[str, Any]]
    metadata: dict[str, str]
    looks: int = 0
    status: str = "in_progress"
    files: dict[str, str] = field(default_factory=dict)


def done_at_once(_: FakeBatch) -> str:
    return "completed"


class FakeBatchServer(FakeServer):
    """`outcome` says the status of a batch each time somebody looks."""

    def __init__(self) -> None:
        super().__init__()
        self.outcome: Callable[[FakeBatch], str] = done_at_once
        self.batches: list[FakeBatch] = []
        self.hits = 0
        """HTTP requests of all kinds."""
        self.on_created: Callable[[], web.Response | None] = lambda: None
        """Called when a batch stands; what it returns is sent in place of the batch."""
        self.on_look: Callable[[FakeBatch], web.Response | None] = lambda _: None
        """Called when somebody looks at a batch; what it returns is sent in place of the batch."""
        self._files: dict[str, bytes] = {}

    @property
    def asked_keys(self) -> Counter[str]:
        """How often each request was in a batch."""
        return Counter(line["custom_id"] for batch in self.batches for line in batch.lines)

    def _add_routes(self, app: web.Application) -> None:
        app.middlewares.append(self._count)
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list)
        app.router.add_get("/v1/batches/{id}", self._retrieve)

    @web.middleware
    async def _count(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        self.hits += 1
        return await handler(request)

    async def _upload(self, http: web.Request) -> web.Response:
        form = await http.post()
        assert form["purpose"] == "batch"
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        name = self._keep(upload.file.read())
        card = {"id": name, "object": "file", "bytes": 0, "created_at": 0, "filename": "f"}
        return web.json_response(card | {"purpose": "batch", "status": "processed"})

    def _keep(self, data: bytes) -> str:
        name = f"file-{len(self._files)}"
        self._files[name] = data
        return name

    async def _content(self, http: web.Request) -> web.Response:
        return web.Response(body=self._files[http.match_info["id"]])

    async def _create(self, http: web.Request) -> web.Response:
        body = await http.json()
        assert body["endpoint"] == "/v1/chat/completions"
        assert body["completion_window"] == "24h"
        lines = [json.loads(line) for line in self._files[body["input_file_id"]].splitlines()]
        batch = FakeBatch(f"batch_{len(self.batches)}", lines, body["metadata"])
        self.batches.append(batch)
        return self.on_created() or web.json_response(card_of(batch))

    async def _list(self, _: web.Request) -> web.Response:
        cards = [card_of(batch) for batch in reversed(self.batches)]
        return web.json_response({"object": "list", "data": cards, "has_more": False})

    async def _retrieve(self, http: web.Request) -> web.Response:
        batch = next(batch for batch in self.batches if batch.id == http.match_info["id"])
        batch.looks += 1
        if (response := self.on_look(batch)) is not None:
            return response
        if batch.status == "in_progress":
            batch.status = self.outcome(batch)
            if batch.status in ("completed", "expired", "cancelled"):
                await self._carry_out(batch)
        return web.json_response(card_of(batch))

    async def _carry_out(self, batch: FakeBatch) -> None:
        results: dict[str, list[bytes]] = {"output_file_id": [], "error_file_id": []}
        for number, line in enumerate(batch.lines):
            request = Request(line["body"], arrived=number)
            answer = await self._ask_script(request)
            result: dict[str, Any] = {"custom_id": line["custom_id"], "error": None}
            if isinstance(answer, Refusal):
                body: dict[str, Any] = {"error": {"message": answer.message}}
                result["response"] = {"status_code": answer.status, "body": body}
            elif Fault.CUT in answer.parts:
                result["response"] = None
                result["error"] = {"code": "batch_expired", "message": "not in time"}
            else:
                body = chat_completion(request, answer)
                result["response"] = {"status_code": 200, "body": body}
            good = result["response"] and result["response"]["status_code"] == 200
            file = "output_file_id" if good else "error_file_id"
            # Not escaped, as some servers write it: a line separator of Unicode ends no line.
            results[file].append(json.dumps(result, ensure_ascii=False).encode() + b"\n")
        batch.files = {file: self._keep(b"".join(part)) for file, part in results.items() if part}


def card_of(batch: FakeBatch) -> dict[str, Any]:
    over = batch.status != "in_progress"
    counts = {"total": len(batch.lines), "failed": 0, "completed": len(batch.lines) if over else 0}
    errors = {"object": "list", "data": [{"code": "no_room", "message": "the queue is full"}]}
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": "/v1/chat/completions",
        "completion_window": "24h",
        "created_at": 2**40,  # far in the future: nothing depends on the clocks of both sides
        "input_file_id": "file",
        "status": batch.status,
        "metadata": batch.metadata,
        "request_counts": counts,
        "errors": errors if batch.status == "failed" else None,
        **batch.files,
    }
