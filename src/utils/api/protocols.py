"""What methods ask of a server: one (server.py) and several of one model (replicas.py) alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

from .completion import Completion
from .token_trace import TokenTrace

if TYPE_CHECKING:
    from .sampling import Sampling


class Server(Protocol):
    """Completes texts; `ModelServer.complete` says how."""

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
    """One model, wherever it is served. An async context manager."""

    model: str

    def for_problem(self, problem_id: str, /) -> AbstractContextManager[Server]:
        """What one problem asks, for as long as it is being solved."""

    async def check(self) -> None:
        """Raise ServerError, with one clear sentence, unless the model is served."""

    async def __aenter__(self) -> Servers: ...

    async def __aexit__(self, *_: object) -> None: ...
