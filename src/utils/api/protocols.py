"""The server interface for methods: one server (server.py) or several replicas (replicas.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from .completion import Completion
from .token_trace import TokenTrace

if TYPE_CHECKING:
    from .sampling import Sampling


class Server(Protocol):
    """Completes texts, as described in `ModelServer.complete`."""

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion: ...


class Servers(Protocol):
    """One model, on one or more servers. An async context manager."""

    model: str

    def for_problem(self, problem_id: str, /) -> AbstractContextManager[Server]:
        """The server for one problem, until it is solved."""

    async def check(self) -> None:
        """Raise ServerError, with one clear sentence, unless the model is served."""

    async def __aenter__(self) -> Servers: ...

    async def __aexit__(self, *_: object) -> None: ...
