"""Chat through the response store: a request with a stored response is never sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from weakref import WeakValueDictionary

from ..api.completion import Completion, UnfinishedError
from ..api.retry import Backoff
from ..api.sampling import Sampling
from ..api.server import ModelServer
from ..errors import BusyError, CallError, CutError, RefusedError, ServerError, TransientError
from .cost_limit import Held, MoneyBudget
from .dialogue import ModelReply
from .paid_requests import PaidRequests
from .prices import Price, Usage, largest_usage, usage_of
from .responses import Response, ResponseStore, StoredRequest

MOST_REFUSED = 5
"""This many requests refused with the same message, and none answered, end the run."""


def may_be_billed(error: CallError | ServerError) -> bool:
    """Whether a failed request may still be billed.

    A request that the server refused or never received costs nothing, one it began to answer may.
    """
    return isinstance(error, TransientError) and not isinstance(error, BusyError) and error.sent


class Postponed(Exception):  # noqa: N818 - no error: the row is taken up again later
    """A row needs an answer that is not stored, and nothing is sent now."""


@dataclass
class Traffic:
    """The requests of one run, and their responses."""

    sent: int = 0
    stored: int = 0
    """Answers that were stored before this run."""
    again: int = 0
    """Requests sent because the previous answer failed its check."""
    truncated: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: float = 0.0


class StoredChat:
    """A chat with one model that stores each response before returning it.

    While `on_missing` is set, nothing is sent: it receives each request without a stored response,
    and Postponed is raised.
    """

    def __init__(
        self,
        server: ModelServer,
        sampling: Sampling,
        store: ResponseStore,
        *,
        backoff: Backoff,
        budget: MoneyBudget,
        price: Price | None,
        dataset: str = "",
    ) -> None:
        self.server, self.sampling, self.store = server, sampling, store
        self.dataset = dataset
        """The dataset whose rows are annotated, for the report of its cost."""
        self.backoff, self.budget, self.price = backoff, budget, price
        self.traffic = Traffic()
        self.replayed = 0
        """Answers read from the store so far, including those to this run's requests."""
        self.on_missing: Callable[[StoredRequest], None] | None = None
        self._locks = WeakValueDictionary[str, asyncio.Lock]()
        self._paid = PaidRequests()
        self._answered, self._refusals, self._last_refusal = False, 0, ""

    async def __call__(self, messages: Sequence[Mapping[str, str]], attempt: int = 0) -> ModelReply:
        """`attempt`: how often the same request was sent before, each time for another answer."""
        url, model = self.server.url, self.server.model
        request = StoredRequest(url, model, tuple(messages), self.sampling, attempt)
        # Two rows may ask the same: the second waits for the first one's answer.
        async with self._locks.setdefault(request.key, asyncio.Lock()):
            response = self.store.get(request.key)
            if response is not None:
                self.replayed += 1
            elif self.on_missing is not None:
                self.on_missing(request)
                raise Postponed
            else:
                response = await self._send_in_turn(request)
        return ModelReply(response.text, response.truncated)

    def summary(self) -> str:
        """Two plain lines: requests, and tokens with their cost."""
        traffic, retried = self.traffic, sorted(self.backoff.retried.items())
        again = ", ".join(f"{kind} {count}" for kind, count in retried) or "none"
        cost = f"${traffic.cost:.4f}" if self.price else "price unknown"
        if self.budget.limit is not None:
            cost += f", ${self.budget.spent:.4f} over all runs"
        return (
            f"Requests: {traffic.sent} sent, {traffic.stored} answers from the store; "
            f"{traffic.truncated} answers truncated, {traffic.again} requests for a better answer; "
            f"retries: {again}.\n"
            f"Tokens: {traffic.usage.prompt} in ({traffic.usage.cached} of them cached), "
            f"{traffic.usage.completion} out; {cost}. {self.budget.unanswered()}".rstrip()
        )

    def most(self, request: StoredRequest) -> float:
        """The maximum cost of a request, in US dollars; 0 if the price is unknown."""
        return self.price.dollars(largest_usage(request)) if self.price else 0.0

    def cost(self, completion: Completion, most: float) -> float | None:
        """In US dollars; `most` without token counts from the server, None without a price."""
        if self.price is None:
            return None
        usage = usage_of(completion)
        counted = usage.prompt and usage.completion
        return self.price.dollars_or(most, usage) if counted else most

    def keep(self, key: str, completion: Completion, held: Held, *, batch: bool) -> Response:
        """Store the response and settle its reservation."""
        usage, cost = usage_of(completion), self.cost(completion, held.most)
        response = Response.of(completion, cost, batch, self.dataset, held.name)
        asked = {"server": self.server.url, "model": self.server.model} | asdict(self.sampling)
        self.store.put(key, response, asked)
        held.settle(cost or 0.0, stored=True)
        self.traffic.truncated += response.truncated
        self.traffic.usage += usage
        self.traffic.cost += cost or 0.0
        return response

    async def _send_in_turn(self, request: StoredRequest) -> Response:
        """Another run with some of the same rows may ask the same: one waits for the other."""
        async with self.store.in_turn(request.key):
            response = self.store.get(request.key)
            if response is not None:
                self.replayed += 1
                return response
            return await self._send(request)

    async def _send(self, request: StoredRequest) -> Response:
        most = self.most(request)

        async def send(held: Held) -> Response:
            self.traffic.sent += 1
            self.traffic.again += request.asks_again
            try:
                completion = await self.server.chat(request.messages, request.sampling)
            except (CallError, ServerError) as error:
                if isinstance(error, UnfinishedError) and error.billed is not None:
                    self.keep(request.key, error.billed, held, batch=False)
                elif not may_be_billed(error):
                    held.settle(0.0)
                raise
            return self.keep(request.key, completion, held, batch=False)

        async def attempt() -> Response:
            self.store.require_room()
            async with self.budget.reserve(most, request.key) as held:
                return await self._paid.to_its_end(send(held))

        try:
            response = await self.backoff.call(attempt)
        except RefusedError as error:
            self._refused(str(error))
            raise
        except CutError:  # ends the run if the server is gone, else every row would fail
            with suppress(CallError):
                await self.server.check()
            raise
        self._answered = True
        return response

    def _refused(self, words: str) -> None:
        """Raise ServerError if every response so far was this refusal."""
        self._refusals = self._refusals + 1 if words == self._last_refusal else 1
        self._last_refusal = words
        if self._refusals >= MOST_REFUSED and not self._answered and not self.replayed:
            raise ServerError(
                f"The server refused the first {self._refusals} requests with the same message: "
                f"correct what it names, then run the same command again. {words}"
            )
