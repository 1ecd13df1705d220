"""Files of batched requests, and their state.

A batch is recorded on disk before it is submitted, so a run killed at any moment continues with the
batches of the previous one, and plans again what the server had not accepted. In batches/SHARE in
the store, a folder for each dataset and shard, so that shards can run at once: NAME.jsonl has the
requests, NAME.json their state.
"""

from __future__ import annotations

import math
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from ..api.batch_server import MAX_BYTES, key_of, request_line
from ..errors import InputError
from ..files.atomic import writable_folder, write_json
from ..files.json_file import DamagedError, read_object
from ..files.locks import locked
from .reservations import BATCH, Reservation, money
from .responses import StoredRequest
from .stored_chat import StoredChat

BATCHES = "batches"


@dataclass(frozen=True)
class Batch:
    """A file of requests. `batch_id` is "" until the server has accepted it.

    `reserved` is the maximum cost of its requests, in US dollars; `created` is Unix time.
    """

    name: str
    requests: int
    reserved: float
    created: float
    batch_id: str = ""

    @property
    def reservation(self) -> Reservation:
        """Its entry in the spending ledger."""
        return Reservation(money(self.reserved), BATCH)


class BatchFolder:
    """The batches in progress for one share of the rows, next to those of other shares."""

    def __init__(self, store: Path, share: str) -> None:
        self.store, self.path = store, store / BATCHES / share

    def open_batches(self) -> list[Batch]:
        """What an earlier run submitted, or was about to, and did not collect."""
        found = [batch for path in self.path.glob("*.json") if (batch := _read(path))]
        return sorted(found, key=lambda batch: (batch.created, batch.name))

    def asked_elsewhere(self) -> dict[str, Path]:
        """The keys of all requests in batches of other shares, and their folders."""
        return {
            key: state.parent
            for state in _states(self.store)
            if state.parent != self.path
            for key in _keys(state.with_suffix(".jsonl"))
        }

    def at_the_server(self) -> frozenset[str]:
        """The keys of all requests in batches that the server has, including other shares."""
        return frozenset(
            key
            for state in _states(self.store)
            if (batch := _read(state)) and batch.batch_id
            for key in _keys(state.with_suffix(".jsonl"))
        )

    def requests_path(self, batch: Batch) -> Path:
        return self.path / f"{batch.name}.jsonl"

    def keys(self, batch: Batch) -> frozenset[str]:
        """The keys of a batch's requests; none if it was collected but not yet forgotten."""
        return frozenset(_keys(self.requests_path(batch)))

    def write(self, batch: Batch) -> None:
        write_json(self.path / f"{batch.name}.json", asdict(batch))

    def remove(self, batch: Batch) -> None:
        """The state goes last: while it exists, the batch is collected again."""
        self.requests_path(batch).unlink(missing_ok=True)
        (self.path / f"{batch.name}.json").unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """For one process only; also removes files without a state file."""
        writable_folder(self.path)
        with locked(self.path / "lock", f"the batches in {self.path}"):
            names = {batch.name for batch in self.open_batches()}
            for path in self.path.iterdir():
                if path.name != "lock" and path.name.split(".")[0] not in names:
                    path.unlink()
            yield


def require_no_batches(store: Path) -> None:
    """Raise InputError if batches are in progress: their requests would be sent twice."""
    under_way = {path: batch for path in _states(store) if (batch := _read(path))}
    if under_way:
        requests = sum(batch.requests for batch in under_way.values())
        folders = ", ".join(sorted({f"{path.parent}" for path in under_way}))
        raise InputError(
            f"{requests} requests of an earlier run with --batch are in progress (see {folders}): "
            "run that command again to collect their answers, or remove the folder to abandon "
            "them."
        )


LOOK_IT_UP = "it records a batch in progress: look the batch up at the server, then remove the file"


def _states(store: Path) -> list[Path]:
    return sorted((store / BATCHES).rglob("*.json"))


def _read(path: Path) -> Batch | None:
    """None if another process has collected the batch meanwhile."""
    try:
        batch = Batch(**read_object(path, LOOK_IT_UP))
        if _is_sound(batch):
            return batch
    except FileNotFoundError:
        return None
    except TypeError as error:
        raise DamagedError(path, str(error)[:100], LOOK_IT_UP) from error
    raise DamagedError(path, "no numbers and names of a batch", LOOK_IT_UP)


def _is_sound(batch: Batch) -> bool:
    numbers = (batch.reserved, batch.created)
    return (
        isinstance(batch.name, str)
        and isinstance(batch.batch_id, str)
        and type(batch.requests) is int
        and batch.requests >= 0
        and all(type(it) in (int, float) and 0 <= it < math.inf for it in numbers)
    )


def _keys(requests: Path) -> Iterator[str]:
    """Nothing if another process has collected the batch meanwhile."""
    with suppress(FileNotFoundError), requests.open("rb") as file:
        yield from map(key_of, file)


class BatchWriter:
    """Collects requests, each once, into files of at most `size` requests.

    Requests in a batch of another share are left to it.
    """

    def __init__(self, folder: BatchFolder, chat: StoredChat, size: int) -> None:
        self.folder, self.chat, self.size = folder, chat, size
        self.held_back: float | None = None
        """The maximum cost of the first request that does not fit the budget."""
        self.left_to = list[Path]()
        """The folders of other shares, one for each request that they contain."""
        self.batches: list[Batch] = []
        self._elsewhere = folder.asked_elsewhere()
        self._seen = set[str]()
        self._planned = 0.0
        """The maximum cost of all requests taken so far, in US dollars."""
        self._file: BinaryIO | None = None

    def add(self, request: StoredRequest) -> None:
        if request.key in self._seen:
            return
        if (other := self._elsewhere.get(request.key)) is not None:
            self.left_to.append(other)
            return
        most = self.chat.most(request)
        if not self.chat.budget.fits(self._planned + most):
            self.held_back = self.held_back or most
            return
        self._seen.add(request.key)
        self.chat.traffic.again += request.asks_again
        self._planned += most
        line = request_line(
            request.key, self.chat.server.batched(request.messages, request.sampling)
        )
        self._file_for(len(line)).write(line)
        last = self.batches[-1]
        self.batches[-1] = replace(last, requests=last.requests + 1, reserved=last.reserved + most)

    def commit(self) -> None:
        """From now on the files may be on the server, and a later run looks for them there.

        If there is nothing to submit, raises CostError if not one request fits the budget,
        InputError if other shares contain all requests.
        """
        self._close()
        if not self.batches and self.held_back is not None:
            raise self.chat.budget.refusal(self.held_back)
        if not self.batches and self.left_to:
            folders = ", ".join(sorted({f"{path}" for path in self.left_to}))
            raise InputError(
                f"{len(self.left_to)} requests are in batches of other rows that are not collected "
                f"yet (see {folders}): run the command for those rows first, then this one."
            )
        for batch in self.batches:
            self.folder.write(batch)
        budget = self.chat.budget
        made = {batch.name: batch.reservation for batch in self.batches}
        if not budget.ledger.reserve_all(made, budget.limit):  # another run has been faster
            for batch in self.batches:
                self.folder.remove(batch)
            raise budget.refusal(self._planned)

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
