"""The cost limit, and what all runs that share one store of responses have spent of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from ..errors import CostError, InputError
from ..files.locks import PAUSE
from .prices import CURATION, MoneyFlags, Price, Usage
from .responses import ResponseStore
from .spending import SpendingLedger

log = logging.getLogger(__name__)


@dataclass
class Held:
    """The maximum cost of one request in flight, until it is settled."""

    name: str
    most: float
    ledger: SpendingLedger
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


class MoneyBudget:
    """Money spent, and the maximum cost of requests in flight, in US dollars.

    Without `limit` nothing is refused. The sums cover all runs that share the ledger.
    """

    def __init__(
        self,
        limit: float | None = None,
        spent: float = 0.0,
        ledger: SpendingLedger | None = None,
        flags: MoneyFlags = CURATION,
    ) -> None:
        self.limit, self.flags = limit, flags
        self.ledger = ledger or SpendingLedger(spent=spent)
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


def require_price(
    max_cost: float | None, model: str, price: Price | None, flags: MoneyFlags = CURATION
) -> None:
    """Raise InputError for a limit that cannot be enforced."""
    if max_cost is not None and price is None:
        raise InputError(
            f"{flags.max_cost} cannot be enforced: the price of {model!r} on this server is "
            f"unknown. Give {flags.price_in} and {flags.price_out}, in US dollars per million "
            "tokens."
        )


@contextmanager
def open_budget(
    store: ResponseStore,
    price: Price | None,
    max_cost: float | None,
    flags: MoneyFlags = CURATION,
    *,
    dry_run: bool = False,
) -> Iterator[MoneyBudget]:
    """The limit `max_cost`, minus money spent and money reserved by other runs.

    With a known price a ledger is kept even without a limit: a later run may set one. The store's
    folder exists, unless this is a dry run, which writes nothing.
    """
    if price is None:
        yield MoneyBudget()
        return

    def stored() -> float:
        return _stored_cost(store, price)

    budget = MoneyBudget(max_cost, ledger=SpendingLedger(store.folder), flags=flags)
    if dry_run:
        budget.ledger.look(stored)
        yield budget
        return
    with budget.ledger.opened(stored, store.cost_of):
        yield budget


def _stored_cost(store: ResponseStore, price: Price) -> float:
    spent = 0.0
    for stored in store.all():
        usage = Usage(stored.prompt_tokens, stored.completion_tokens, stored.cached_tokens)
        spent += stored.cost if stored.cost is not None else price.dollars(usage)
    return spent
