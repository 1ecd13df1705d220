"""Requests are billed once sent: a run that ends waits for their answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TypeVar

log = logging.getLogger(__name__)

Answered = TypeVar("Answered")


class PaidRequests:
    """The requests of one run in flight."""

    def __init__(self) -> None:
        self._in_flight = set[asyncio.Task[object]]()
        self._ending = False

    async def to_its_end(self, sending: Coroutine[None, None, Answered]) -> Answered:
        """The result of `sending`, which sends a request and stores its answer.

        A cancellation waits until the answer is stored. The first error that ends the run cancels
        the other rows, and so does Ctrl-C. A second cancellation, as by a second Ctrl-C, abandons
        the request.
        """
        task = asyncio.create_task(sending)
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not self._ending:
                self._ending = True
                log.warning(
                    "Stopping: waiting for the answers to %d requests in flight, which are billed "
                    "anyway. Press Ctrl-C twice to abandon them.",
                    len(self._in_flight),
                )
            await asyncio.gather(task, return_exceptions=True)
            raise
