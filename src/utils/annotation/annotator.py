"""What annotates the rows of a stage by a model: one request at a time, or in batches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ..methods.runner import run_all
from .batch_files import BatchFolder, BatchWriter, require_no_batches
from .batches import BatchRounds
from .costs import Estimate
from .responses import ChatRequest
from .stored_chat import Postponed, StoredChat

Item = TypeVar("Item")
WorkAt = Callable[[int], Awaitable[None]]


@dataclass
class ModelAnnotator:
    """A model that answers one request at a time for each of `workers` workers.

    `run` calls `work` on every item; `work` asks `chat` and writes what it made. It is called
    again for a row whose answers were not all stored the first time.

    Before anything is sent, the rows are worked on as far as stored answers go; what is missing
    then makes the estimate. With `dry_run` that is all.
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
        """`at_once`: rows that are worked on at a time as far as stored answers go."""
        self._at_once = at_once

        async def work_at(place: int) -> None:  # memory holds places, not items
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
        on_missing: Callable[[ChatRequest], None],
        *,
        label: str,
    ) -> list[int]:
        """`work` with stored answers alone. Returns the places that need one not stored yet."""
        left = list[int]()

        async def attempt(place: int) -> None:
            await asyncio.sleep(0)  # nothing else here lets Ctrl-C in
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
        """Say what is going to be asked and what it costs, before it does."""
        self.chat.traffic.stored = self.chat.replayed
        if rows:
            model, url = self.chat.server.model, self.chat.server.url
            print(f"{label}: {rows} rows ask {model} at {url}; {estimate.summary()}", flush=True)


@dataclass
class BatchAnnotator(ModelAnnotator):
    """A model that is asked through the server's Batch API.

    One batch holds the next request of every row; its answers let the rows go on to their
    following requests, in the next batch, until no row needs an answer any more. `share` names the
    rows: runs over different shares do not wait for each other.
    """

    share: str = field(kw_only=True)

    poll: float = 60.0
    batch_size: int = 1

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
                    request: ChatRequest,
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
        """Say what would be sent: not what the server has in batches, which is not waited for."""
        under_way, estimate = folder.at_the_server(), Estimate(self.chat.price)

        def on_missing(request: ChatRequest) -> None:
            if request.key not in under_way:
                estimate.add(request)

        left = await self.replay(places, work, on_missing, label=label)
        if under_way:
            print(f"{label}: {len(under_way)} requests are under way in batches.")
        self.announce(estimate, len(left), label)
