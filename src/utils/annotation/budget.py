"""The limit on money, and what is spent of it by all runs that share one store of responses."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from ..errors import CostError, InputError
from ..files.locks import PAUSE
from .costs import CURATION, MoneyFlags, Price, Usage
from .responses import ResponseStore
from .spending import Ledger

log = logging.getLogger(__name__)


@dataclass
class Held:
    """Money that one request in flight may cost, until it is settled."""

    name: str
    most: float
    ledger: Ledger
    settled: bool = False

    def settle(self, cost: float, *, stored: bool = False) -> None:
        """The request cost this, with an answer that is stored or without one; said once."""
        if not self.settled:
            self.settled = True
            self.ledger.settle(self.name, cost, stored=stored)


@dataclass
class HeldPart(Held):
    """A request's part of the money that its batch may cost."""

    def settle(self, cost: float, *, stored: bool = False) -> None:
        if not self.settled:
            self.settled = True
            self.ledger.settle_part(self.name, cost, self.most)


class Budget:
    """Money spent and money that requests in flight may still cost, in US dollars.

    Without `limit` nothing is ever refused. The sums are those of all runs that share the ledger.
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
        """By requests and batches under way."""
        return float(self.ledger.sums.held)

    def fits(self, most: float) -> bool:
        return self.ledger.fits(most, self.limit)

    @asynccontextmanager
    async def reserve(self, most: float, key: str = "") -> AsyncIterator[Held]:
        """Hold `most` dollars, on disk, while the request `key` is in flight.

        What is not settled when the block ends counts as spent: the request may have been billed.
        Where it does not fit, waits for the requests in flight, those of other runs too, since
        they may cost less than they hold; raises CostError where none is left to wait for.
        """
        async with self._changed:
            waits = False
            while (name := self.ledger.reserve(most, self.limit, key)) is None:
                if self._in_flight:
                    await self._changed.wait()
                elif self.ledger.others_at_work():
                    if not waits:
                        log.warning("Waiting for money that requests of another run hold.")
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
        """What to say where a request that may cost `most` does not fit."""
        unanswered = self.unanswered()
        return CostError(
            f"Stopped by {self.flags.max_cost} {self.limit:g}: ${self.spent:.2f} are spent, and "
            f"the next request may cost up to ${most:.4f}. All answers are kept: raise "
            f"{self.flags.max_cost} in the same command, with no other flag changed (some would "
            f"ask for all of them anew), to go on. {unanswered}".rstrip()
        )

    def unanswered(self) -> str:
        """A sentence on what counts for requests without an answer; "" where nothing does."""
        dollars = self.ledger.without_answer()
        if not dollars:
            return ""
        where = f" If its bill says less, remove {self.ledger.path}, while no run is under way, "
        return (
            f"${dollars:.4f} count as spent for requests without an answer, which a kill or a "
            "broken connection left behind: the server may have billed them."
            + (f"{where}for them not to count." if self.ledger.path else "")
        )


def require_price(
    max_cost: float | None, model: str, price: Price | None, flags: MoneyFlags = CURATION
) -> None:
    """Raise InputError for a limit that cannot be kept."""
    if max_cost is not None and price is None:
        raise InputError(
            f"{flags.max_cost} cannot be kept: the price of {model!r} at this server is unknown. "
            f"Give {flags.price_in} and {flags.price_out}, in US dollars per million tokens."
        )


@contextmanager
def open_budget(
    store: ResponseStore,
    price: Price | None,
    max_cost: float | None,
    flags: MoneyFlags = CURATION,
    *,
    dry_run: bool = False,
) -> Iterator[Budget]:
    """The limit `max_cost`, less what has been spent and what other runs hold.

    Where there is a price a ledger is kept without a limit, too: a later run may have one. The
    store's folder exists, unless this is a dry run, which writes nothing.
    """
    if price is None:
        yield Budget()
        return

    def stored() -> float:
        return _stored_cost(store, price)

    budget = Budget(max_cost, ledger=Ledger(store.folder), flags=flags)
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
