"""The cost of annotation: prices, and estimates before the first request."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from ..api.completion import Completion
from ..errors import InputError
from .responses import StoredRequest

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
class MoneyFlags:
    """What messages call the flags of money: their names, which begin with `prefix`."""

    prefix: str = ""

    @property
    def max_cost(self) -> str:
        return f"--{self.prefix}max_cost"

    @property
    def price_in(self) -> str:
        return f"--{self.prefix}price_in"

    @property
    def price_out(self) -> str:
        return f"--{self.prefix}price_out"


CURATION, JUDGE = MoneyFlags(), MoneyFlags("judge_")


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


def expected_usage(request: StoredRequest) -> Usage:
    """Estimated tokens of a request, by the size of its text."""
    prompt = round(request.size / BYTES_PER_TOKEN) + MESSAGE_TOKENS * len(request.messages)
    answer = round(ANSWER_TOKENS + ANSWER_SHARE * prompt)
    return Usage(prompt, min(answer, request.sampling.max_tokens))


def largest_usage(request: StoredRequest) -> Usage:
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

    def add(self, request: StoredRequest) -> None:
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
