"""What the servers of the tests share: an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from .limits import PATIENCE

Value = TypeVar("Value")


class ThreadedServer:
    """A context manager. Its server serves coroutines of a test and child processes alike."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def stop(self) -> None:
        """Stop listening and drop all connections."""
        raise NotImplementedError

    async def _start(self) -> None:
        raise NotImplementedError

    def _do(self, work: Coroutine[Any, Any, Value]) -> Value:
        """Run `work` in the loop of the server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)
