"""Batches of requests: submits them, waits, and collects the results into the store."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from functools import partial
from pathlib import Path

from ..api.batch_server import BatchLine, BatchServer, BatchStatus, read_line, result_lines
from ..api.completion import UnfinishedError
from ..api.retry import BATCHED
from ..concurrency.progress import Progress
from ..errors import CallError, FailedError, RefusedError, ServerError, TransientError
from .batch_files import Batch, BatchFolder
from .cost_limit import HeldPart
from .responses import StoredRequest
from .stored_chat import StoredChat


class BatchRounds:
    """Submits, waits and collects. One per run: it remembers which requests failed."""

    def __init__(self, folder: BatchFolder, chat: StoredChat, poll: float, label: str) -> None:
        self.folder, self.chat, self.poll, self.label = folder, chat, poll, label
        self.server = BatchServer(chat.server)
        self._failures = defaultdict[str, list[Exception]](list)

    def require_hope(self, request: StoredRequest) -> None:
        """Raise RefusedError for a request that was refused, or has failed too often."""
        failures = self._failures.get(request.key, [])
        if not BATCHED.allows(failures):
            raise RefusedError(f"In a batch the server reported: {failures[-1]}")

    async def drop_unsubmitted(self) -> None:
        """Forget what an earlier run was about to submit, unless the server has it.

        Missing requests are planned again, and so pass this run's estimate and budget first.
        """
        for batch in self.folder.open_batches():
            if batch.batch_id:
                continue
            batch_id = await self.chat.backoff.call(
                partial(self.server.find, batch.name, batch.created)
            )
            if batch_id:
                self.folder.write(replace(batch, batch_id=batch_id))
            else:
                self._forget(batch)

    def reserve_open(self) -> None:
        """Reserve the cost of batches in progress, if the ledger has no reservation for them."""
        ledger = self.chat.budget.ledger
        known = ledger.sums.open
        ledger.reserve_all(
            {
                batch.name: batch.reservation
                for batch in self.folder.open_batches()
                if batch.name not in known
            }
        )

    async def finish_open(self) -> None:
        """Wait for every batch in progress, and collect its answers into the store.

        Raises ServerError if the server accepted none of them, or one was cancelled by hand.
        """
        batches = self.folder.open_batches()
        if not batches:
            return
        batches = [await self._submitted(batch) for batch in batches]
        answers, faults, cancelled = 0, list[str](), False
        with Progress(sum(batch.requests for batch in batches), self.label) as progress:
            done = dict.fromkeys(batches, 0)
            while batches:
                for batch in list(batches):
                    status = await self._status(batch)
                    if status is None:
                        continue
                    now_done = min(status.done, batch.requests)  # the server may count more
                    for _ in range(now_done - done[batch]):
                        progress.advance()
                    done[batch] = max(done[batch], now_done)
                    if status.over:
                        answers += await self._collect(batch, status)
                        batches.remove(batch)
                        if status.status in ("failed", "cancelled"):
                            faults.append(f"batch {batch.batch_id} {status.status} {status.fault}")
                            cancelled = cancelled or status.status == "cancelled"
                if batches:
                    await asyncio.sleep(self.poll)
        if cancelled or not answers:
            reason = "; ".join(faults) or "the batches contain no result"
            raise ServerError(
                f"The server at {self.chat.server.url} did not process the batches: {reason}. "
                "If it limits queued tokens, lower --batch_size. Run the same command again for "
                "the rest."
            )

    async def _submitted(self, batch: Batch) -> Batch:
        if batch.batch_id:
            return batch
        path = self.folder.requests_path(batch)
        batch_id = await self.chat.backoff.call(
            lambda: self.server.submit(path, batch.name, batch.created)
        )
        batch = replace(batch, batch_id=batch_id)
        self.folder.write(batch)
        self.chat.traffic.sent += batch.requests
        return batch

    async def _status(self, batch: Batch) -> BatchStatus | None:
        """None if the server cannot answer now: the batch continues without us.

        This is bounded: the retry layer raises ServerError when too many calls have failed.
        """
        try:
            return await self.chat.backoff.call(lambda: self.server.status(batch.batch_id))
        except TransientError:
            return None

    async def _collect(self, batch: Batch, status: BatchStatus) -> int:
        """Store a batch's answers, forget the batch, and return its number of lines."""
        lines, asked = 0, self.folder.keys(batch)
        made = self.chat.budget.ledger.sums.open.get(batch.name)
        settled = made.parts if made is not None else 0
        for file_id in filter(None, (status.output_file, status.error_file)):
            path = self.folder.path / f"{batch.name}.result"
            await self._download(file_id, path)
            with path.open("rb") as file:
                for line in result_lines(file):
                    # Keys name files in the store: accept only ours.
                    if (read := read_line(line)) is not None and read.key in asked:
                        lines += 1
                        self._take(read, batch, settled=lines <= settled)
            path.unlink()
        self._forget(batch)
        return lines

    def _forget(self, batch: Batch) -> None:
        """Nothing in the batch will be billed any more; the state goes last."""
        self.chat.budget.ledger.settle(batch.name, 0.0, stored=False)
        self.folder.remove(batch)

    async def _download(self, file_id: str, path: Path) -> None:
        await self.chat.backoff.call(lambda: self.server.download(file_id, path))

    def _take(self, line: BatchLine, batch: Batch, *, settled: bool) -> None:
        """`settled`: an earlier run stored and counted the line before it was killed."""
        ledger, most = self.chat.budget.ledger, batch.reserved / batch.requests
        part, outcome = HeldPart(batch.name, most, ledger, settled), line.outcome
        if isinstance(outcome, UnfinishedError) and outcome.billed is not None and not settled:
            self.chat.keep(line.key, outcome.billed, part, batch=True)
        if isinstance(outcome, CallError):
            said = str(outcome)
            final = isinstance(outcome, RefusedError) and not self.chat.server.leave_out(said)
            self._failures[line.key].append(RefusedError(said) if final else FailedError(said))
            self.chat.backoff.retried["in a batch"] += not final
        elif self.chat.store.get(line.key) is None:
            self.chat.keep(line.key, outcome, part, batch=True)
        else:  # stored by a killed run, or also sent elsewhere and billed twice
            part.settle(self.chat.cost(outcome, most) or 0.0)
        part.settle(0.0)
