"""The budget of one response store, shared by all of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import InputError
from .costs import Budget, Price, Usage
from .money_flags import CURATION, MoneyFlags
from .responses import ResponseStore
from .spending import Ledger


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
) -> Iterator[Budget]:
    """The limit `max_cost`, minus money spent and money reserved by other runs.

    With a known price a ledger is kept even without a limit: a later run may set one. The store's
    folder exists, unless this is a dry run, which writes nothing.
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
