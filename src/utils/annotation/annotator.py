"""Annotates the rows of a stage with a model: one request at a time, or in batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..methods.runner import run_all
from .batch_files import BatchFolder, BatchWriter, require_no_batches
from .batches import BatchRounds
from .prices import Estimate
from .responses import StoredRequest
from .stored_chat import Postponed, StoredChat

Item = TypeVar("Item")
WorkAt = Callable[[int], Awaitable[None]]


@dataclass
class ModelAnnotator:
    """A model that answers one request at a time for each of `workers` workers.

    `run` calls `work` on every item; `work` asks `chat` and writes the result. It is called again
    for a row whose answers were not all stored the first time.

    Before anything is sent, rows are processed as far as stored answers allow; the missing answers
    are then estimated. With `dry_run` it stops there.
    """

    chat: StoredChat
    workers: int
    dry_run: bool = False
    _at_once: int = field(default=1, init=False)

    async def run(
        self,
        items: Sequence[Item],
        work: Callable[[Item], Awaitable[None]],
        *,
        at_once: int = 1,
        label: str,
    ) -> None:
        """`at_once`: concurrent rows while only stored answers are used."""
        self._at_once = at_once

        async def work_at(place: int) -> None:  # keeps places in memory, not items
            await work(items[place])

        await self.run_places(range(len(items)), work_at, label=label)

    async def run_places(self, places: Sequence[int], work: WorkAt, *, label: str) -> None:
        require_no_batches(self.chat.store.folder)
        estimate = Estimate(self.chat.price)
        left = await self.replay(places, work, estimate.add, label=label)
        self.announce(estimate, len(left), label)
        if not self.dry_run:
            await run_all(left, work, workers=self.workers, label=label)

    async def replay(
        self,
        places: Sequence[int],
        work: WorkAt,
        on_missing: Callable[[StoredRequest], None],
        *,
        label: str,
    ) -> list[int]:
        """Run `work` with stored answers only. Returns the places that need one not stored yet."""
        left = list[int]()

        async def attempt(place: int) -> None:
            await asyncio.sleep(0)  # lets Ctrl-C in
            try:
                await work(place)
            except Postponed:
                left.append(place)

        self.chat.on_missing = on_missing
        try:
            await run_all(places, attempt, workers=self._at_once, label=f"{label}, stored answers")
        finally:
            self.chat.on_missing = None
        return sorted(left)

    def announce(self, estimate: Estimate, rows: int, label: str) -> None:
        """Announce the requests and their cost before they are sent."""
        self.chat.traffic.stored = self.chat.replayed
        if rows:
            model, url = self.chat.server.model, self.chat.server.url
            print(f"{label}: {rows} rows ask {model} at {url}; {estimate.summary()}", flush=True)


@dataclass
class BatchAnnotator(ModelAnnotator):
    """A model behind the server's Batch API.

    One batch contains the next request of every row; its answers let the rows continue to their
    next requests, in the next batch, until no row needs an answer. `share` names the rows: runs
    over different shares do not wait for each other. `poll`: seconds between checks of a batch.
    """

    share: str = field(kw_only=True)
    poll: float = field(kw_only=True)
    batch_size: int = field(kw_only=True)

    async def run_places(self, places: Sequence[int], work: WorkAt, *, label: str) -> None:
        folder = BatchFolder(self.chat.store.folder, self.share)
        if self.dry_run:
            await self._estimate(places, work, folder, label)
            return
        rounds = BatchRounds(folder, self.chat, self.poll, f"{label}, batches")
        announced = False
        with folder.locked():
            await rounds.drop_unsubmitted()
            rounds.reserve_open()
            left = places
            while True:
                await rounds.finish_open()
                writer = BatchWriter(folder, self.chat, self.batch_size)
                estimate = Estimate(self.chat.price)

                def on_missing(
                    request: StoredRequest,
                    writer: BatchWriter = writer,
                    estimate: Estimate = estimate,
                ) -> None:
                    rounds.require_hope(request)
                    estimate.add(request)
                    writer.add(request)

                left = await self.replay(left, work, on_missing, label=label)
                if not announced:
                    self.announce(estimate, len(left), label)
                    announced = True
                if not left:
                    return
                writer.commit()

    async def _estimate(
        self, places: Sequence[int], work: WorkAt, folder: BatchFolder, label: str
    ) -> None:
        """Announce what would be sent, without waiting for batches in progress."""
        under_way, estimate = folder.at_the_server(), Estimate(self.chat.price)

        def on_missing(request: StoredRequest) -> None:
            if request.key not in under_way:
                estimate.add(request)

        left = await self.replay(places, work, on_missing, label=label)
        if under_way:
            print(f"{label}: {len(under_way)} requests are in batches in progress.")
        self.announce(estimate, len(left), label)
