"""What a request that failed counts, and that its money stands on disk before it is sent."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.prices import flat_price
from sprint.utils.annotation.responses import ResponseStore
from sprint.utils.annotation.spending import LEDGER, SPENDING, SpendingLedger
from sprint.utils.annotation.stored_chat import StoredChat
from sprint.utils.api.retry import Backoff, without_waits
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import SprintError
from support.fake_server import MODEL, Answer, FakeServer, Fault, Refusal, Reply, Request
from support.limits import PATIENCE

PRICE = flat_price(1_000_000.0, 1_000_000.0, batch=False)
"""A dollar a token, so that money counts tokens."""
MOST = 4.0 + 16.0 + 100.0
"""Of a request with four bytes, and an answer of 100 tokens."""


def talk(server: FakeServer, folder: Path, budget: MoneyBudget) -> None:
    async def main() -> None:
        store = ResponseStore(folder)
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(server.url, MODEL) as client,
        ):
            with budget.ledger.opened(lambda: 0.0, store.cost_of):
                chat = StoredChat(
                    client,
                    Sampling(100, temperature=0.0),
                    store,
                    backoff=Backoff(4),
                    budget=budget,
                    price=PRICE,
                )
                await chat([{"role": "user", "content": "1+1?"}])

    with without_waits():
        asyncio.run(main())


@pytest.mark.parametrize(
    ("failure", "cost"),
    [
        (Refusal(429), 0.0),
        (Refusal(500), 0.0),
        (Refusal(503), 0.0),
        (Refusal(502), MOST),
        (Refusal(504), MOST),
        (Refusal(524), MOST),
        (Reply.of(Fault.CUT), MOST),
        (Reply((), fields={"choices": [], "usage": {}}), MOST),
    ],
    ids=str,
)
def test_only_a_refusal_costs_nothing(
    fake_server: FakeServer, tmp_path: Path, failure: Answer, cost: float
) -> None:
    answers = iter([failure])
    fake_server.script = lambda _: next(answers, Reply.of("the sum is 2"))
    budget = MoneyBudget(1000.0, ledger=SpendingLedger(tmp_path))
    talk(fake_server, tmp_path, budget)
    assert len(fake_server.requests) == 2
    (stored,) = ResponseStore(tmp_path).all()
    assert stored.cost
    assert (budget.spent, budget.reserved) == (cost + stored.cost, 0.0)
    again = MoneyBudget(1000.0, ledger=SpendingLedger(tmp_path))
    with again.ledger.opened(lambda: stored.cost or 0.0, ResponseStore(tmp_path).cost_of):
        assert again.spent == cost + stored.cost


@pytest.mark.parametrize("status", [400, 401, 402, 404, 422])
def test_what_is_refused_for_good_costs_nothing(
    fake_server: FakeServer, tmp_path: Path, status: int
) -> None:
    fake_server.script = lambda _: Refusal(status)
    budget = MoneyBudget(1000.0, ledger=SpendingLedger(tmp_path))
    with pytest.raises(SprintError):
        talk(fake_server, tmp_path, budget)
    assert (budget.spent, budget.reserved) == (0.0, 0.0)


def test_each_try_has_its_money_on_disk_when_it_arrives(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    seen = list[list[str]]()

    def script(_: Request) -> Answer:
        lines = (tmp_path / SPENDING / LEDGER).read_text("utf-8").splitlines()
        seen.append([next(iter(json.loads(line))) for line in lines[1:]])
        return Reply.of(Fault.CUT) if len(seen) == 1 else Reply.of("2")

    fake_server.script = script
    talk(fake_server, tmp_path, MoneyBudget(1000.0, ledger=SpendingLedger(tmp_path)))
    assert seen == [["reserve"], ["reserve", "settle", "reserve"]]


def test_a_limit_without_room_sends_nothing(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda _: Reply.of("2")
    with pytest.raises(SprintError, match=r"--max_cost 119: \$0.00 is spent"):
        talk(fake_server, tmp_path, MoneyBudget(119.0, ledger=SpendingLedger(tmp_path)))
    assert fake_server.requests == []
