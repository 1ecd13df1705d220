"""How often one reply is asked for: a model's faults and a server's are counted apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..api.retry import CALLS
from ..errors import CallError, FormatError, RefusedError, SprintError, TransientError
from .ledger import Ledger


class Attempts:
    """Numbers the attempts at one reply, from 1 on, until too many have failed.

    At most `most` may bring what cannot be used; CALLS says how many may break off, and what the
    server refuses is not asked again. Each is made within `noted`; a reply ends the iteration.
    """

    def __init__(
        self,
        most: int,
        ledger: Ledger,
        faults: list[str],
        what: str,
        on_discarded: Callable[[SprintError], None] | None = None,
    ) -> None:
        """`what` names the reply in `faults`; `on_discarded` hears why one does not count."""
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
        """Where the block fails, its call is discarded, or all after the first `since`."""
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
        """The replies that could not be used. A call that failed is made again as it was."""
        return sum(not isinstance(error, TransientError) for error in self.errors)

    @property
    def refusal(self) -> RefusedError | None:
        """Why the server refuses the request: too long, say."""
        return next((error for error in self.errors if isinstance(error, RefusedError)), None)

    @property
    def asks_hotter(self) -> bool:
        """Whether what the model wrote is a reason to ask again, not only what became of it."""
        return self.useless > 0

    @property
    def may_pass(self) -> bool:
        """Whether there were errors, and the same requests may succeed later in spite of each."""
        return bool(self.errors) and all(isinstance(error, TransientError) for error in self.errors)
