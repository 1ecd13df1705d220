"""The Batch API of a model server, beside server.py: files go up, batches run, files come down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import openai
from openai.types import Batch
from openai.types.chat import ChatCompletion

from .completion import Completion, UnfinishedError, read_chat
from .errors import ServerError, TransientError
from .server import ModelServer
from .server_errors import BUSY_OR_FAILED

MAX_REQUESTS, MAX_BYTES = 50_000, 200_000_000
"""The most that one file of requests may hold."""
ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
WINDOW: Literal["24h"] = "24h"
NAME = "sprint_batch"
"""Key of the metadata that tells a batch of ours from others."""
OVER = ("completed", "failed", "expired", "cancelled")
NO_BATCHES = (404, 405, 501)
"""Statuses of a server that has no Batch API."""
NO_BATCH_API = "it has no Batch API. Leave --batch away"
ASK_ANEW = "Remove the folder batches/ below the stored responses to ask anew for what it held"
CLOCKS_DIFFER = 3600
"""Seconds by which the server's clock may be behind ours."""


@dataclass(frozen=True)
class BatchStatus:
    """Where a batch stands. The files are ids, "" where there is none (yet)."""

    status: str
    done: int
    output_file: str
    error_file: str
    fault: str

    @property
    def over(self) -> bool:
        return self.status in OVER


@dataclass(frozen=True)
class BatchLine:
    """One line of a result file: an answer, or why there is none.

    `billed` is what came in place of an answer, and may cost as much.
    """

    key: str
    completion: Completion | None
    fault: str = ""
    final: bool = False
    """Whether asking again would not help."""
    billed: Completion | None = None


class BatchServer:
    """The batches of one model server."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server

    async def find(self, name: str, since: float) -> str:
        """The id of the batch `name`, created after `since` (Unix time); "" where there is none."""
        with self._errors(NO_BATCH_API):
            async for batch in self.server.client.batches.list(limit=100):
                if (batch.metadata or {}).get(NAME) == name:
                    return batch.id
                if batch.created_at < since - CLOCKS_DIFFER:
                    break
        return ""

    async def submit(self, path: Path, name: str, since: float) -> str:
        """The id of the batch `name` with the requests in `path`; it is created at most once.

        An earlier attempt may have been cut off after the server had taken it, so the batches
        created after `since` (Unix time) are looked through first.
        """
        if found := await self.find(name, since):
            return found
        with self._errors(NO_BATCH_API):
            with path.open("rb") as file:
                uploaded = await self.server.client.files.create(file=file, purpose="batch")
            created = await self.server.client.batches.create(
                completion_window=WINDOW,
                endpoint=ENDPOINT,
                input_file_id=uploaded.id,
                metadata={NAME: name},
            )
        return created.id

    async def status(self, batch_id: str) -> BatchStatus:
        with self._errors(f"it has no batch {batch_id} any more. {ASK_ANEW}"):
            return _status(await self.server.client.batches.retrieve(batch_id))

    async def download(self, file_id: str, path: Path) -> None:
        """Write a file of results to `path`, piece by piece."""
        with self._errors(f"it has no file {file_id} any more. {ASK_ANEW}"):
            files = self.server.client.files.with_streaming_response
            async with files.content(file_id) as response:
                await response.stream_to_file(path)

    @contextmanager
    def _errors(self, advice: str) -> Iterator[None]:
        with self.server.single_request():
            try:
                yield
            except openai.APIStatusError as error:
                if error.status_code not in NO_BATCHES:
                    raise
                raise ServerError(
                    f"The server at {self.server.url} answers {error.status_code}: {advice}."
                ) from error


def request_line(key: str, body: dict[str, object]) -> bytes:
    """One line of a file of requests."""
    line = {"custom_id": key, "method": "POST", "url": ENDPOINT, "body": body}
    return json.dumps(line).encode() + b"\n"


def key_of(line: bytes) -> str:
    """The key of a line of a file of requests."""
    return line.split(b'"', 4)[3].decode()  # it comes first; files are too big to parse for it


def read_line(line: bytes) -> BatchLine | None:
    """A line of a result file; None where it is damaged or names no request."""
    try:
        value = json.loads(line)
        key, response = str(value["custom_id"]), value.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body") or {}
        if status == 200:
            try:
                received = line.decode(errors="replace").rstrip()
                return BatchLine(key, read_chat(ChatCompletion.construct(**body), received))
            except UnfinishedError as error:
                return BatchLine(key, None, str(error), billed=error.billed)
            except TransientError as error:
                return BatchLine(key, None, str(error))
        said = value.get("error") or body.get("error") or {}
        fault = str(said.get("message") or said.get("code") or "no reason given")
        return BatchLine(key, None, fault, final=status >= 400 and status not in BUSY_OR_FAILED)
    except (ValueError, KeyError, TypeError, AttributeError):  # JSON of another shape
        return None


def _status(batch: Batch) -> BatchStatus:
    errors = batch.errors.data if batch.errors and batch.errors.data else []
    counts = batch.request_counts
    return BatchStatus(
        status=batch.status,
        done=counts.completed + counts.failed if counts else 0,
        output_file=batch.output_file_id or "",
        error_file=batch.error_file_id or "",
        fault="; ".join(error.message or error.code or "" for error in errors),
    )
