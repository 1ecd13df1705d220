"""Prices, estimates and the limit on money."""

from __future__ import annotations

import asyncio

import pytest
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.prices import (
    Estimate,
    Price,
    Usage,
    expected_usage,
    find_price,
    flat_price,
    largest_usage,
)
from sprint.utils.annotation.responses import StoredRequest
from sprint.utils.api.sampling import Sampling
from sprint.utils.errors import CostError, InputError

OPENAI = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:8000/v1"
MILLION = Usage(prompt=1_000_000, completion=1_000_000)


def request(text: str, max_tokens: int = 1000) -> StoredRequest:
    messages = ({"role": "user", "content": text},)
    return StoredRequest(LOCAL, "m", messages, Sampling(max_tokens, temperature=0.0))


def known(price: Price | None) -> Price:
    assert price is not None
    return price


def test_a_known_model_has_a_price_and_a_batch_costs_half() -> None:
    alone = known(find_price("gpt-4o", OPENAI, False, None, None))
    batch = known(find_price("gpt-4o", OPENAI, True, None, None))
    assert alone.dollars(MILLION) == pytest.approx(2 * batch.dollars(MILLION))
    assert "genai-prices" in alone.source


def test_more_cached_tokens_than_there_are_count_as_all() -> None:
    price = known(find_price("gpt-4o", OPENAI, False, None, None))
    assert price.dollars(Usage(10, 5, cached=16)) == price.dollars(Usage(10, 5, cached=10))


@pytest.mark.parametrize(("model", "url"), [("nobody/knows", OPENAI), ("gpt-4o", LOCAL)])
def test_an_unknown_model_or_server_has_none(model: str, url: str) -> None:
    assert find_price(model, url, False, None, None) is None


def test_the_price_of_the_flags_comes_first() -> None:
    price = known(find_price("gpt-4o", OPENAI, False, 3.0, 4.0))
    assert price.dollars(MILLION) == pytest.approx(7.0)
    assert flat_price(3.0, 4.0, batch=True).dollars(MILLION) == pytest.approx(3.5)


def test_half_a_price_is_refused() -> None:
    with pytest.raises(InputError, match="give both, or neither"):
        find_price("m", LOCAL, False, 3.0, None)


def test_what_a_request_takes_is_less_than_the_most_it_can_take() -> None:
    asked = request("<Line 1> 1 + 1 = 2, ≤ 3.</Line 1>\n" * 100)
    expected, most = expected_usage(asked), largest_usage(asked)
    assert 0 < expected.prompt < most.prompt
    assert 0 < expected.completion < most.completion == 1000
    assert most.prompt >= asked.size == 100 * len("<Line 1> 1 + 1 = 2, ≤ 3.</Line 1>\n".encode())


def test_no_more_is_expected_than_may_be_answered() -> None:
    assert expected_usage(request("1+1?", max_tokens=7)).completion == 7


def test_an_estimate_adds_up() -> None:
    estimate = Estimate(flat_price(1.0, 10.0, batch=False))
    for _ in range(1000):
        estimate.add(request("x" * 2460))
    assert estimate.usage == Usage(prompt=1_000_000, completion=560_000)
    assert "1000 requests with about 1000000 tokens in and 560000 out" in estimate.summary()
    assert "about $6.60 by --price_in 1 and --price_out 10" in estimate.summary()


def test_an_estimate_without_a_price_says_so() -> None:
    estimate = Estimate(None)
    estimate.add(request("1+1?"))
    assert "price is unknown" in estimate.summary()


def spend(budget: MoneyBudget, most: float, cost: float) -> None:
    async def main() -> None:
        async with budget.reserve(most) as held:
            held.settle(cost, stored=True)

    asyncio.run(main())


def test_requests_are_let_through_while_their_most_fits() -> None:
    budget = MoneyBudget(limit=1.0, spent=0.25)
    spend(budget, most=0.75, cost=0.25)
    spend(budget, most=0.5, cost=0.25)
    with pytest.raises(CostError, match=r"--max_cost 1: \$0.75 is spent, .* \$0.5000") as caught:
        spend(budget, most=0.5, cost=0.0)
    assert "lower --max_tokens" not in str(caught.value), "answers are stored under it"


def test_without_a_limit_all_are_let_through() -> None:
    spend(MoneyBudget(spent=1e9), most=1e9, cost=1e9)


def test_sums_of_money_are_exact() -> None:
    budget = MoneyBudget(limit=1.0)
    for _ in range(10):
        spend(budget, most=0.1, cost=0.1)
    assert (budget.spent, budget.reserved) == (1.0, 0.0)


def test_requests_in_flight_are_waited_for_since_they_may_cost_less() -> None:
    budget = MoneyBudget(limit=1.0)
    order = list[str]()

    async def first() -> None:
        async with budget.reserve(0.9) as held:
            await asyncio.sleep(0)
            order.append("first")
            held.settle(0.1, stored=True)

    async def second() -> None:
        async with budget.reserve(0.9):
            order.append("second")

    async def main() -> None:
        await asyncio.gather(first(), second())

    asyncio.run(main())
    assert order == ["first", "second"]
    assert budget.reserved == 0.0


@pytest.mark.parametrize("error", [InputError("no"), asyncio.CancelledError()])
def test_a_request_without_an_answer_may_be_billed(error: BaseException) -> None:
    budget = MoneyBudget(limit=1.0)

    async def main() -> None:
        async with budget.reserve(0.5):
            raise error

    with pytest.raises(type(error)):
        asyncio.run(main())
    assert (budget.spent, budget.reserved) == (0.5, 0.0)
    with pytest.raises(CostError, match=r"\$0.5000 counts as spent for requests that"):
        spend(budget, most=0.6, cost=0.0)


def test_a_request_that_is_known_to_cost_nothing_gives_back_what_it_held() -> None:
    budget = MoneyBudget(limit=1.0)
    spend(budget, most=1.0, cost=0.0)
    assert (budget.spent, budget.fits(1.0)) == (0.0, True)
