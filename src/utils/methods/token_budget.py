"""The token limit of one problem over all its calls, including discarded ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..api.sampling import Sampling


class TokenBudget:
    """Counts tokens as they arrive, over all concurrent calls.

    `end` is called once, at the limit. It must cancel the problem's calls.
    """

    def __init__(self, tokens: int, end: Callable[[], None]) -> None:
        self.tokens = self.left = tokens
        self._end, self._ended = end, False
        self._open = 0

    @classmethod
    def within(cls, tokens: int, limit: asyncio.Timeout) -> TokenBudget | None:
        """A budget that ends the block of `limit` as its deadline does. No limit (0): None."""

        def end() -> None:
            if not limit.expired():
                limit.reschedule(asyncio.get_running_loop().time())

        return cls(tokens, end) if tokens else None

    @property
    def used_up(self) -> bool:
        return self.left <= 0

    async def opened(self, sampling: Sampling) -> Sampling:
        """Sampling of the next call, within the tokens left. Never returns if none are left."""
        if self.used_up:
            self._end_now()
            await asyncio.get_running_loop().create_future()  # cancelled
        self._open += 1
        return replace(sampling, max_tokens=min(sampling.max_tokens, self.left))

    def spend(self, tokens: int, *, ends_itself: bool = False) -> bool:
        """Whether the call must stop. `ends_itself`: its max_tokens ends it at this point.

        Such a call reports its exact usage, so it may end by itself if no other call is open.
        """
        self.left -= tokens
        if self.left > 0 or (ends_itself and self._open == 1):
            return False
        self._end_now()
        return True

    def closed(self, tokens: int) -> None:
        """A call has ended with this many more tokens than were counted."""
        self._open -= 1
        self.left -= max(0, tokens)

    def _end_now(self) -> None:
        if not self._ended:
            self._ended = True
            self._end()


class Ending(NamedTuple):
    """Why a problem ended without an answer: at its deadline or at its token limit."""

    reason: str
    by_deadline: bool

    @classmethod
    def of(cls, budget: TokenBudget | None, deadline: float) -> Ending:
        """`deadline` in seconds; it ended the problem unless the budget is used up."""
        if budget is not None and budget.used_up:
            return cls(f"the problem reached its limit of {budget.tokens} tokens", False)
        return cls(f"the problem reached its deadline of {deadline:g} s", True)
