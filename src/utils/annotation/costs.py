"""The cost of annotation: prices, estimates before the first request, and a limit."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ..api.completion import Completion
from ..errors import CostError, InputError
from ..files.locks import PAUSE
from .money_flags import CURATION, MoneyFlags
from .responses import ChatRequest
from .spending import Ledger

log = logging.getLogger(__name__)

BYTES_PER_TOKEN = 2.5
"""Measured: numbered mathematical thoughts, as sent to GPT-4o, have 2.2 to 2.6 UTF-8 bytes per
token of a 131,000-token vocabulary, because every line has two numbered tags."""
ANSWER_TOKENS, ANSWER_SHARE = 500, 0.06
"""Measured on GPT-4o's answers: 830 tokens for requests of 4,000, 1,200 for requests of 15,000."""
MESSAGE_TOKENS = 16
"""The maximum that a chat template adds to a message."""
UNPRICEABLE = (LookupError, ValueError, TypeError, ArithmeticError)
"""Errors of a price table for usage that it cannot price."""
BATCH_FACTOR = 0.5
"""A batched request costs half."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one request or of many."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
        )


def usage_of(completion: Completion) -> Usage:
    return Usage(completion.prompt_tokens, completion.completion_tokens, completion.cached_tokens)


def expected_usage(request: ChatRequest) -> Usage:
    """Estimated tokens of a request, by the size of its text."""
    prompt = round(request.size / BYTES_PER_TOKEN) + MESSAGE_TOKENS * len(request.messages)
    answer = round(ANSWER_TOKENS + ANSWER_SHARE * prompt)
    return Usage(prompt, min(answer, request.sampling.max_tokens))


def largest_usage(request: ChatRequest) -> Usage:
    """The maximum tokens of a request: no token is shorter than a byte."""
    prompt = request.size + MESSAGE_TOKENS * len(request.messages)
    return Usage(prompt, request.sampling.max_tokens)


@dataclass(frozen=True)
class Price:
    """US dollars for the tokens of one request; `source` describes where the prices are from."""

    source: str
    dollars: Callable[[Usage], float]

    def dollars_or(self, most: float, usage: Usage) -> float:
        """`most` if the price cannot be computed: a paid response must not be lost over it."""
        try:
            return self.dollars(usage)
        except UNPRICEABLE as error:
            log.warning("No price for %s (%s): counting the maximum, $%.4f.", usage, error, most)
            return most


def flat_price(
    price_in: float, price_out: float, batch: bool, flags: MoneyFlags = CURATION
) -> Price:
    """A price in dollars per million tokens; a batch costs half."""
    factor = (BATCH_FACTOR if batch else 1.0) / 1e6

    def dollars(usage: Usage) -> float:
        return factor * (price_in * usage.prompt + price_out * usage.completion)

    half = ", halved by --batch" if batch else ""
    source = f"{flags.price_in} {price_in:g} and {flags.price_out} {price_out:g}{half}"
    return Price(source, dollars)


def table_price(model: str, url: str, batch: bool) -> Price | None:
    """The price in genai-prices for the model of the provider at `url`; None without one."""
    # Imported here: the table takes a third of a second to load, and `rules` does not need it.
    import genai_prices

    context = {"processing": "batch"} if batch else None

    def dollars(usage: Usage) -> float:
        tokens = genai_prices.Usage(
            input_tokens=usage.prompt,
            output_tokens=usage.completion,
            cache_read_tokens=min(usage.cached, usage.prompt),  # servers count differently
        )
        price = genai_prices.calc_price(tokens, model, provider_api_url=url, price_context=context)
        return float(price.total_price)

    try:
        rates = [dollars(Usage(prompt=1000)), dollars(Usage(completion=1000))]
    except UNPRICEABLE:
        return None
    per_million = " and ".join(f"${rate * 1000:g}" for rate in rates)
    version = genai_prices.__version__
    return Price(f"genai-prices {version}: {per_million} per million tokens", dollars)


def find_price(
    model: str,
    url: str,
    batch: bool,
    price_in: float | None,
    price_out: float | None,
    flags: MoneyFlags = CURATION,
) -> Price | None:
    """The price from the flags, else from the table; None if neither has one."""
    if (price_in is None) != (price_out is None):
        raise InputError(
            f"{flags.price_in} and {flags.price_out} belong together: give both, or neither."
        )
    if price_in is not None and price_out is not None:
        return flat_price(price_in, price_out, batch, flags)
    return table_price(model, url, batch)


@dataclass
class Estimate:
    """The requests known so far: their tokens and, if there is a price, their dollars."""

    price: Price | None
    flags: MoneyFlags = CURATION
    requests: int = 0
    usage: Usage = field(default_factory=Usage)
    dollars: float = 0.0

    def add(self, request: ChatRequest) -> None:
        usage = expected_usage(request)
        self.requests += 1
        self.usage += usage
        self.dollars += self.price.dollars(usage) if self.price else 0.0

    def summary(self) -> str:
        """In words, without a subject."""
        tokens = (
            f"{self.requests} requests with about {self.usage.prompt} tokens in and "
            f"{self.usage.completion} out (counted as {BYTES_PER_TOKEN} bytes a token)"
        )
        again = "Answers that fail their check are requested again at extra cost."
        if self.price is None:
            return (
                f"{tokens}; their price is unknown (set it with {self.flags.price_in} and "
                f"{self.flags.price_out}). {again}"
            )
        return f"{tokens}; about ${self.dollars:.2f} by {self.price.source}. {again}"


@dataclass
class Held:
    """The maximum cost of one request in flight, until it is settled."""

    name: str
    most: float
    ledger: Ledger
    settled: bool = False

    def settle(self, cost: float, *, stored: bool = False) -> None:
        """Settle the request at this cost, with a stored answer or without one; called once."""
        if not self.settled:
            self.settled = True
            self.ledger.settle(self.name, cost, stored=stored)


@dataclass
class HeldPart(Held):
    """A request's part of the maximum cost of its batch."""

    def settle(self, cost: float, *, stored: bool = False) -> None:
        if not self.settled:
            self.settled = True
            self.ledger.settle_part(self.name, cost, self.most)


class Budget:
    """Money spent, and the maximum cost of requests in flight, in US dollars.

    Without `limit` nothing is refused. The sums cover all runs that share the ledger.
    """

    def __init__(
        self,
        limit: float | None = None,
        spent: float = 0.0,
        ledger: Ledger | None = None,
        flags: MoneyFlags = CURATION,
    ) -> None:
        self.limit, self.flags = limit, flags
        self.ledger = ledger or Ledger(spent=spent)
        self._in_flight = 0
        self._changed = asyncio.Condition()

    @property
    def spent(self) -> float:
        """For stored answers, and for requests without one that may have been billed."""
        return float(self.ledger.sums.spent) + self.ledger.without_answer()

    @property
    def reserved(self) -> float:
        """By requests and batches in progress."""
        return float(self.ledger.sums.held)

    def fits(self, most: float) -> bool:
        return self.ledger.fits(most, self.limit)

    @asynccontextmanager
    async def reserve(self, most: float, key: str = "") -> AsyncIterator[Held]:
        """Reserve `most` dollars, on disk, while the request `key` is in flight.

        A reservation not settled when the block ends counts as spent: the request may be billed. If
        it does not fit, waits for requests in flight, also of other runs, which may cost less than
        reserved; raises CostError if there is none left to wait for.
        """
        async with self._changed:
            waits = False
            while (name := self.ledger.reserve(most, self.limit, key)) is None:
                if self._in_flight:
                    await self._changed.wait()
                elif self.ledger.others_at_work():
                    if not waits:
                        log.warning("Waiting for money reserved by requests of another run.")
                    waits = True
                    await asyncio.sleep(PAUSE)
                else:
                    raise self.refusal(most)
            self._in_flight += 1
        held = Held(name, most, self.ledger)
        try:
            yield held
        finally:
            self._in_flight -= 1
            held.settle(most)
            async with self._changed:
                self._changed.notify_all()

    def refusal(self, most: float) -> CostError:
        """The message if a request that may cost `most` does not fit."""
        unanswered = self.unanswered()
        return CostError(
            f"Stopped by {self.flags.max_cost} {self.limit:g}: ${self.spent:.2f} is spent, and "
            f"the next request may cost up to ${most:.4f}. All answers are kept. To continue, "
            f"raise {self.flags.max_cost} in the same command and change no other flag (some "
            f"would request all answers again). {unanswered}".rstrip()
        )

    def unanswered(self) -> str:
        """A sentence on the cost of requests without an answer; "" if there is none."""
        dollars = self.ledger.without_answer()
        if not dollars:
            return ""
        where = f" If its bill says less, remove {self.ledger.path} while no run is in progress, "
        return (
            f"${dollars:.4f} counts as spent for requests that a kill or a broken connection left "
            "without an answer: the server may have billed them."
            + (f"{where}so they do not count." if self.ledger.path else "")
        )
