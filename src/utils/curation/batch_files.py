"""Files of batched requests, and where they stand.

What is under way stands on disk before it is submitted, so a run that was killed at any moment goes
on with the batches of the one before. Below the store, in batches/: NAME.jsonl, the requests;
NAME.json, where they stand.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..atomic import writable_folder, write_json
from ..batch_server import MAX_BYTES, request_line
from ..errors import InputError
from .asking import StoredChat
from .responses import ChatRequest


@dataclass(frozen=True)
class Batch:
    """A file of requests. `batch_id` is "" until the server has taken it.

    `reserved` is the most that its requests can cost, in US dollars; `created` is Unix time.
    """

    name: str
    requests: int
    reserved: float
    created: float
    batch_id: str = ""


class BatchFolder:
    """The batches of one store that are under way."""

    def __init__(self, store: Path) -> None:
        self.path = store / "batches"

    def open_batches(self) -> list[Batch]:
        """What an earlier run submitted, or was about to, and did not collect."""
        try:
            found = [Batch(**json.loads(path.read_bytes())) for path in self.path.glob("*.json")]
            return sorted(found, key=lambda batch: (batch.created, batch.name))
        except (ValueError, TypeError) as error:
            raise InputError(
                f"A file {self.path}/*.json is damaged ({error}). It says which batch is under "
                "way: look the batch up at the server, then remove the file."
            ) from error

    def require_none(self) -> None:
        """Raise InputError where batches are under way: their requests would be sent twice."""
        if requests := sum(batch.requests for batch in self.open_batches()):
            raise InputError(
                f"{requests} requests of an earlier run with --batch are under way: give --batch "
                f"again to collect their answers, or remove {self.path} to give them up."
            )

    def requests_path(self, batch: Batch) -> Path:
        return self.path / f"{batch.name}.jsonl"

    def write(self, batch: Batch) -> None:
        write_json(self.path / f"{batch.name}.json", asdict(batch))

    def remove(self, batch: Batch) -> None:
        """The state goes last: while it stands, the batch is collected again."""
        self.requests_path(batch).unlink(missing_ok=True)
        (self.path / f"{batch.name}.json").unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For one process alone; it also clears away what no state file speaks of."""
        writable_folder(self.path)
        with (self.path / "lock").open("wb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise InputError(
                    f"Another process works on the batches in {self.path}: wait for it."
                ) from error
            names = {batch.name for batch in self.open_batches()}
            for path in self.path.iterdir():
                if path.name != "lock" and path.name.split(".")[0] not in names:
                    path.unlink()
            yield


class BatchWriter:
    """Takes requests, each once, into files of at most `size` requests."""

    def __init__(self, folder: BatchFolder, chat: StoredChat, size: int) -> None:
        self.folder, self.chat, self.size = folder, chat, size
        self.held_back: float | None = None
        """The most that the first request may cost that the budget has no room for."""
        self.batches: list[Batch] = []
        self._seen = set[str]()
        self._file: BinaryIO | None = None

    def add(self, request: ChatRequest) -> None:
        if request.key in self._seen:
            return
        most = self.chat.most(request)
        if not self.chat.budget.fits(most):
            self.held_back = self.held_back or most
            return
        self._seen.add(request.key)
        self.chat.budget.reserved += most
        line = request_line(request.key, request.body)
        self._file_for(len(line)).write(line)
        last = self.batches[-1]
        self.batches[-1] = replace(last, requests=last.requests + 1, reserved=last.reserved + most)

    def commit(self) -> None:
        """From now on the files will be submitted, by this run or by a later one.

        Raises CostError where the budget had no room for a single request.
        """
        self._close()
        if not self.batches and self.held_back is not None:
            raise self.chat.budget.refusal(self.held_back)
        for batch in self.batches:
            self.folder.write(batch)

    def _file_for(self, size: int) -> BinaryIO:
        full = self.batches and self.batches[-1].requests == self.size
        if self._file is None or full or self._file.tell() + size > MAX_BYTES:
            self._close()
            self.batches.append(Batch(uuid.uuid4().hex[:12], 0, 0.0, time.time()))
            self._file = self.folder.requests_path(self.batches[-1]).open("wb")
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
