"""The Batch API of a model server, besides server.py: upload files, run batches, download files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import openai
from openai.types import Batch
from openai.types.chat import ChatCompletion

from ..errors import (
    CallError,
    FailedError,
    MalformedError,
    RefusedError,
    ServerError,
    TransientError,
)
from ..redaction import ByteRedactor
from .bounded_client import LONGEST_ANSWER, longest_answer
from .completion import Completion, read_chat
from .optional_fields import listed
from .server import ModelServer
from .server_errors import BUSY_OR_FAILED

MAX_BYTES = 200_000_000
"""The maximum size of one file of requests."""
ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
WINDOW: Literal["24h"] = "24h"
NAME = "sprint_batch"
"""Metadata key that marks our own batches."""
OVER = ("completed", "failed", "expired", "cancelled")
NO_BATCHES = (404, 405, 501)
"""Statuses of a server without a Batch API."""
NO_BATCH_API = "it has no Batch API. Leave out --batch"
ASK_ANEW = "Remove the folder batches/ in the response store to send its requests again"
MOST_LISTED = 10_000
"""Batches to look through; a longer list is treated as endless."""
LONGEST_FILE, FILE_TIMEOUT = 1 << 34, 4 * 3600.0
"""Bytes of a results file, and the seconds for its upload or download."""
CLOCKS_DIFFER = 3600
"""Seconds by which the server's clock may be behind ours."""


@dataclass(frozen=True)
class BatchStatus:
    """The state of a batch. The files are ids, "" if there is none (yet)."""

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
    """One line of a result file: an answer, or why there is none."""

    key: str
    outcome: Completion | CallError


class BatchServer:
    """The batches of one model server."""

    def __init__(self, server: ModelServer) -> None:
        self.server = server

    async def find(self, name: str, since: float) -> str:
        """The id of the batch `name`, created after `since` (Unix time); "" if there is none."""
        seen = 0
        async with self._errors(NO_BATCH_API):
            page = await self.server.client.batches.list(limit=100)
            while True:
                for batch in listed(page):
                    if (batch.metadata or {}).get(NAME) == name:
                        return _id(batch.id)
                    if batch.created_at < since - CLOCKS_DIFFER:
                        return ""
                    seen += 1
                if seen > MOST_LISTED:
                    raise MalformedError("The list of batches does not end.")
                if not page.has_next_page():
                    return ""
                page = await page.get_next_page()

    async def submit(self, path: Path, name: str, since: float) -> str:
        """The id of the batch `name` with the requests in `path`; it is created at most once.

        An earlier attempt may have been interrupted after the server had accepted it, so the
        batches created after `since` (Unix time) are looked through first.
        """
        if found := await self.find(name, since):
            return found
        with path.open("rb") as file:
            async with self._errors(NO_BATCH_API, FILE_TIMEOUT):
                uploaded = await self.server.client.files.create(file=file, purpose="batch")
        async with self._errors(NO_BATCH_API):
            created = await self.server.client.batches.create(
                completion_window=WINDOW,
                endpoint=ENDPOINT,
                input_file_id=_id(uploaded.id),
                metadata={NAME: name},
            )
            return _id(created.id)

    async def status(self, batch_id: str) -> BatchStatus:
        async with self._errors(f"it no longer has the batch {batch_id}. {ASK_ANEW}"):
            return _status(await self.server.client.batches.retrieve(batch_id))

    async def download(self, file_id: str, path: Path) -> None:
        """Write a results file to `path`, piece by piece, with keys redacted.

        Raises MalformedError if it is cut off or has no line that can be parsed.
        """
        files = self.server.client.files.with_streaming_response
        async with AsyncExitStack() as closing:
            with longest_answer(LONGEST_FILE):
                async with self._errors(f"it no longer has the file {file_id}. {ASK_ANEW}"):
                    response = await closing.enter_async_context(files.content(file_id))
            with path.open("wb") as file:  # not a fault of the server
                safe = ByteRedactor()
                async with self.server.within(FILE_TIMEOUT):
                    async for piece in self.server.errors.reading(response.iter_bytes()):
                        file.write(safe.take(piece))
                file.write(safe.take(b"", last=True))
        await asyncio.to_thread(self._require_results, path)

    def _require_results(self, path: Path) -> None:
        readable, last, ends = False, b"", True
        with path.open("rb") as file:
            for last in result_lines(file):
                readable = readable or read_line(last) is not None
                ends = last.endswith(b"\n")
        if (last.strip() and not readable) or (not ends and read_line(last) is None):
            raise MalformedError(
                f"The server at {self.server.url} sent an invalid or truncated results file."
            )

    @asynccontextmanager
    async def _errors(self, advice: str, seconds: float | None = None) -> AsyncIterator[None]:
        try:
            async with self.server.within(seconds or self.server.timeout):
                with self.server.single_request():
                    yield
        except (CallError, ServerError) as error:
            cause = error.__cause__
            if isinstance(cause, openai.APIStatusError) and cause.status_code in NO_BATCHES:
                raise ServerError(
                    f"The server at {self.server.url} answers {cause.status_code}: {advice}."
                ) from error
            raise


def _id(value: object) -> str:
    """An id from a server. Raises MalformedError if it is invalid."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) < 1000:
        raise MalformedError("The server sent an id that is not text.")
    return value


def request_line(key: str, body: dict[str, object]) -> bytes:
    """One line of a file of requests."""
    line = {"custom_id": key, "method": "POST", "url": ENDPOINT, "body": body}
    return json.dumps(line).encode() + b"\n"


def key_of(line: bytes) -> str:
    """The key of a line of a file of requests."""
    return line.split(b'"', 4)[3].decode()  # it comes first; files are too big to parse


def result_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a results file, except those too long for an answer."""
    whole = True
    while line := file.readline(LONGEST_ANSWER):
        ended = line.endswith(b"\n") or len(line) < LONGEST_ANSWER
        if whole and ended:
            yield line
        whole = ended


def read_line(line: bytes) -> BatchLine | None:
    """A line of a results file; None if it is damaged or names no request."""
    try:
        value = json.loads(line)
        key, response = str(value["custom_id"]), value.get("response") or {}
        status, body = int(response.get("status_code") or 0), response.get("body") or {}
        if status == 200:
            try:
                received = line.decode(errors="replace").rstrip()
                return BatchLine(key, read_chat(ChatCompletion.construct(**body), received))
            except TransientError as error:
                return BatchLine(key, error)
        said = value.get("error") or body.get("error") or {}
        fault = str(said.get("message") or said.get("code") or "no reason given")
        final = status >= 400 and status not in BUSY_OR_FAILED
        return BatchLine(key, RefusedError(fault) if final else FailedError(fault))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        # JSON of another shape, or none
        return None


def _status(batch: Batch) -> BatchStatus:
    errors = batch.errors.data if batch.errors and batch.errors.data else []
    counts = batch.request_counts
    if not isinstance(batch.status, str):
        raise MalformedError("The server sent a batch without a status.")
    return BatchStatus(
        status=batch.status,
        done=int(counts.completed + counts.failed) if counts else 0,
        output_file=_id(batch.output_file_id) if batch.output_file_id else "",
        error_file=_id(batch.error_file_id) if batch.error_file_id else "",
        fault="; ".join((error.message or error.code or "")[:300] for error in errors[:10]),
    )
