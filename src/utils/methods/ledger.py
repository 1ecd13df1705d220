"""The ledger of one problem: every request made for it, kept or not, with its times and tokens.

`Attempts` limits the attempts at one reply: a model's faults and a server's are counted separately.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ..api.completion import Completion
from ..api.protocols import Server
from ..api.retry import CALLS
from ..api.sampling import Sampling
from ..api.token_trace import TokenTrace
from ..errors import CallError, FormatError, RefusedError, SprintError, TransientError
from ..records import Call, CallPlace, CallTokens
from .token_budget import TokenBudget


class Ledger:
    """Makes the calls of one problem and records them. Its clock starts when it is created."""

    def __init__(self, problem_id: str) -> None:
        self.problem_id = problem_id
        self._calls: list[Call] = []
        self._tokens: list[CallTokens] = []
        """Of each call."""
        self._origin = time.perf_counter()
        self.budget: TokenBudget | None = None
        """The tokens that all calls together may have; None without limit."""

    @property
    def calls(self) -> tuple[Call, ...]:
        return tuple(self._calls)

    @property
    def tokens(self) -> tuple[CallTokens, ...]:
        """The tokens of each call whose trace is with log-probabilities; others have none."""
        return tuple(self._tokens)

    def elapsed(self) -> float:
        """Seconds since the problem began."""
        return time.perf_counter() - self._origin

    async def ask(
        self,
        server: Server,
        context: str,
        sampling: Sampling,
        *,
        place: CallPlace,
        attempt: int = 1,
        ready: float | None = None,
        on_text: Callable[[str], bool] | None = None,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        """`server.complete`, recorded in the ledger whether it returns, fails or is cancelled.

        For a call that did not end by itself the server reports no tokens: the ids that arrived are
        counted instead, or without ids the pieces of text, which are tokens for a server that
        streams each one.
        """
        pieces, budget = 0, self.budget
        if budget is not None:
            sampling = await budget.opened(sampling)

        def count(piece: str) -> bool:
            nonlocal pieces
            if budget is not None and budget.used_up:  # by another call, at the same time
                return True
            pieces += 1
            enough = on_text is not None and on_text(piece)
            if budget is not None:
                last = pieces >= sampling.max_tokens
                enough = budget.spend(1, ends_itself=last) or enough
            return enough

        def counted() -> int:
            return max(pieces, trace.written if trace is not None else 0)

        begun = self.elapsed()
        call = Call(
            problem_id=self.problem_id,
            role=place.role,
            phase=place.phase,
            prompt=place.prompt,
            attempt=attempt,
            kept=False,
            started=round(begun, 4),
            first_token=0.0,
            finished=0.0,
            prompt_tokens=0,
            cached_tokens=0,
            completion_tokens=0,
            finish_reason="",
            ready=None if ready is None else round(ready, 4),
        )
        try:
            completion = await server.complete(
                context, sampling, count, prompt_ids=prompt_ids, trace=trace
            )
        except (SprintError, asyncio.CancelledError) as error:
            if budget is not None:
                budget.closed(0)
            reason = "cancelled" if isinstance(error, asyncio.CancelledError) else str(error)
            self._tokens.append(_tokens_of(trace))
            self._calls.append(
                replace(
                    call,
                    finished=round(self.elapsed(), 4),
                    completion_tokens=counted(),
                    error=reason,
                )
            )
            raise
        if budget is not None:
            budget.closed(completion.completion_tokens - pieces)
        self._tokens.append(_tokens_of(trace))
        self._calls.append(
            replace(
                call,
                kept=True,
                first_token=round(completion.first_token - self._origin, 4),
                finished=round(completion.finished - self._origin, 4),
                prompt_tokens=completion.prompt_tokens,
                cached_tokens=completion.cached_tokens,
                completion_tokens=completion.completion_tokens or counted(),
                finish_reason=completion.finish_reason,
                server=completion.server,
                max_tokens=completion.max_tokens,
            )
        )
        return completion

    def discard_since(self, count: int, reason: str) -> None:
        """Mark all calls after the first `count` as discarded."""
        for index in range(count, len(self._calls)):
            call = self._calls[index]
            self._calls[index] = replace(call, kept=False, error=call.error or reason)


def _tokens_of(trace: TokenTrace | None) -> CallTokens:
    """A copy, because a repeated request fills the same trace; only of what is recorded."""
    if trace is None or not trace.with_logprobs or not trace.marks:
        return CallTokens()
    prompt = trace.marks[0][1]
    return CallTokens(tuple(trace.ids[:prompt]), tuple(trace.ids[prompt:]), tuple(trace.logprobs))


class Attempts:
    """Numbers the attempts at one reply, from 1 on, until too many have failed.

    At most `most` may give unusable replies; CALLS limits broken calls, and a request that the
    server refuses is not repeated. Each is made within `noted`; a reply ends the iteration.
    """

    def __init__(
        self,
        most: int,
        ledger: Ledger,
        faults: list[str],
        what: str,
        on_discarded: Callable[[SprintError], None] | None = None,
    ) -> None:
        """`what` names the reply in `faults`; `on_discarded` gets the reason of a discard."""
        self.most, self.ledger, self.faults = most, ledger, faults
        self.what = f"{what}, " if what else ""
        self.on_discarded = on_discarded
        self.number = 0
        self.errors: list[Exception] = []

    def __iter__(self) -> Iterator[int]:
        useless, broken = 0, list[Exception]()
        while not self.refusal and useless < self.most and CALLS.allows(broken):
            self.number += 1
            yield self.number
            broken = [error for error in self.errors if isinstance(error, CALLS.passes)]
            useless = len(self.errors) - len(broken)

    @contextmanager
    def noted(self, since: int | None = None) -> Iterator[None]:
        """If the block fails, discards its call, or all after the first `since`."""
        try:
            yield
        except (FormatError, CallError) as error:
            last = len(self.ledger.calls) - 1
            self.ledger.discard_since(last if since is None else since, str(error))
            self.faults.append(f"{self.what}attempt {self.number}: {error}")
            self.errors.append(error)
            if self.on_discarded is not None:
                self.on_discarded(error)

    @property
    def useless(self) -> int:
        """The number of unusable replies. A call that failed is repeated unchanged."""
        return sum(not isinstance(error, TransientError) for error in self.errors)

    @property
    def refusal(self) -> RefusedError | None:
        """Why the server refuses the request: too long, for example."""
        return next((error for error in self.errors if isinstance(error, RefusedError)), None)

    @property
    def may_pass(self) -> bool:
        """Whether there were errors, all of them temporary."""
        return bool(self.errors) and all(isinstance(error, TransientError) for error in self.errors)
