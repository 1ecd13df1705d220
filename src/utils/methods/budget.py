"""The tokens that one problem may generate, over all of its calls, kept or not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from ..api.sampling import Sampling


class Budget:
    """Counts tokens as they come, those of calls at the same time together.

    `end` is called once, when no more may come; it has to cancel the problem's calls.
    """

    def __init__(self, tokens: int, end: Callable[[], None]) -> None:
        self.left = tokens
        self._end, self._ended = end, False
        self._open = 0

    async def opened(self, sampling: Sampling) -> Sampling:
        """How the next call samples: no longer than what is left. Never returns without any."""
        if self.left <= 0:
            self._end_now()
            await asyncio.get_running_loop().create_future()  # cancelled
        self._open += 1
        return replace(sampling, max_tokens=min(sampling.max_tokens, self.left))

    def spend(self, tokens: int, *, ends_itself: bool = False) -> bool:
        """Whether the call has to end; `ends_itself`: it was allowed no more than this.

        A call that ends by itself tells its tokens, so that one which is alone is let do so.
        """
        self.left -= tokens
        if self.left > 0 or (ends_itself and self._open == 1):
            return False
        self._end_now()
        return True

    def closed(self, tokens: int) -> None:
        """A call has ended, which had this many tokens more than were counted."""
        self._open -= 1
        self.left -= max(0, tokens)

    def _end_now(self) -> None:
        if not self._ended:
            self._ended = True
            self._end()
