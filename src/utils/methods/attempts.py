"""Attempts at one reply: a model's faults and a server's are counted separately."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..api.retry import CALLS
from ..errors import CallError, FormatError, RefusedError, TransientError
from .ledger import Ledger


class Attempts:
    """Numbers the attempts at one reply, from 1 on, until too many have failed.

    At most `most` may give unusable replies; CALLS limits broken calls, and a request that the
    server refuses is not repeated. Each is made within `noted`; a reply ends the iteration.
    """

    def __init__(self, most: int, ledger: Ledger, faults: list[str], what: str) -> None:
        """`what` names the reply in `faults`."""
        self.most, self.ledger, self.faults = most, ledger, faults
        self.what = f"{what}, " if what else ""
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

    @property
    def refusal(self) -> RefusedError | None:
        """Why the server refuses the request: too long, for example."""
        return next((error for error in self.errors if isinstance(error, RefusedError)), None)

    @property
    def asks_hotter(self) -> bool:
        """Whether a retry is due to the model's text, and not only to failed calls."""
        return any(not isinstance(error, TransientError) for error in self.errors)

    @property
    def may_pass(self) -> bool:
        """Whether there were errors, all of them temporary."""
        return bool(self.errors) and all(isinstance(error, TransientError) for error in self.errors)
