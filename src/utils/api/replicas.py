"""Several servers of one model: each problem stays on one of them while it is healthy.

Rendezvous hashing of the problem's id ranks the servers, so that a problem finds its prefixes in
the cache of the same server, in this run and the next. Loads are bounded as in consistent hashing
with bounded loads (arXiv 1608.01350): a server with its full share of the problems, or too many
calls in flight, is skipped. An unreachable server is skipped for a while.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import math
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from ..errors import (
    BusyError,
    InputError,
    NoServerError,
    ServerError,
    SilentError,
    TransientError,
    UnreachableError,
)
from ..prompt_files import load_prompt
from .chat_server import CHAT_PROMPT, ChatServer
from .completion import Completion, too_late
from .context_limits import ContextLimit
from .finish_reasons import FinishReason
from .retry import ROUNDS
from .sampling import Sampling
from .server import ModelServer
from .token_trace import TokenTrace
from .urls import Api

log = logging.getLogger(__name__)

MOST_PROBLEMS = 1.25
"""A server takes up to this many times its share of the problems in flight."""
MOST_CALLS, FEW_CALLS = 2.0, 16
"""A server with this many times its share of the calls is overloaded; a few calls never are."""
REST = 30.0
"""Seconds for which an unreachable server is skipped."""
MOST_FAILED = 3
"""This many failed calls in a row also make a server be skipped."""
MOST_CUTS = 2
"""After this many broken calls in a row a problem moves to another server."""


@dataclass(eq=False)
class _Replica:
    server: ModelServer
    problems: int = 0
    calls: int = 0
    failed: int = 0
    """Failed calls since the last success."""
    rests_until: float = 0.0


class Replicas:
    """Servers of the same model. Use as an async context manager, which closes them."""

    def __init__(
        self,
        servers: Sequence[ModelServer],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.model = servers[0].model
        self._replicas = [_Replica(server) for server in servers]
        self._clock = clock

    @property
    def urls(self) -> list[str]:
        return [replica.server.url for replica in self._replicas]

    async def __aenter__(self) -> Replicas:
        return self

    async def __aexit__(self, *_: object) -> None:
        async with AsyncExitStack() as stack:
            for replica in self._replicas:
                stack.push_async_exit(replica.server)

    async def check(self) -> None:
        """Like ModelServer.check; an unhealthy server is skipped while others are healthy."""
        missing = list[ServerError | TransientError]()
        for replica in self._replicas:
            try:
                await replica.server.check()
            except (NoServerError, UnreachableError, TransientError) as error:
                missing.append(error)
                self._rest(replica, error)
        if len(missing) == len(self._replicas):
            raise missing[0]

    @contextmanager
    def for_problem(self, problem_id: str) -> Iterator[Home]:
        """The servers as one problem sees them, until it is solved."""
        home = Home(self, self._ranked(problem_id))
        try:
            yield home
        finally:
            home.leave()

    def _ranked(self, problem_id: str) -> list[_Replica]:
        def weight(replica: _Replica) -> bytes:
            return hashlib.sha256(f"{problem_id}\n{replica.server.url}".encode()).digest()

        return sorted(self._replicas, key=weight)

    def _rest(self, replica: _Replica, error: Exception) -> None:
        if replica.rests_until <= self._clock() and len(self._replicas) > 1:
            log.warning("%s Its problems move to other servers.", error)
        replica.rests_until = self._clock() + REST

    def _failed(self, replica: _Replica, error: TransientError) -> None:
        """A busy server is healthy."""
        replica.failed += not isinstance(error, BusyError)
        if isinstance(error, SilentError) and len(self._replicas) == 1:
            log.warning("%s Trying it again.", error)
        if replica.failed >= MOST_FAILED or isinstance(error, SilentError):
            replica.failed = 0
            self._rest(replica, error)

    def _awake(self) -> list[_Replica]:
        """The servers to choose from; all of them if none seems healthy."""
        now = self._clock()
        return [one for one in self._replicas if one.rests_until <= now] or self._replicas


class Home:
    """The server of one problem, or another one while that is overloaded or dead."""

    def __init__(self, replicas: Replicas, ranked: list[_Replica]) -> None:
        self.model = replicas.model
        self._all, self._ranked = replicas, ranked
        self._cuts = 0
        self._home: _Replica | None = None
        self._move(())

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        """Like ModelServer.complete, but retries a request that fails before its stream begins.

        The deadline covers all requests and the waits between them.
        """
        started = time.perf_counter()
        begun = False

        def hear(piece: str) -> bool:
            nonlocal begun
            begun = True
            return on_text is not None and on_text(piece)

        rounds, failed = list[Exception](), dict[_Replica, ServerError | TransientError]()
        while ROUNDS.allows(rounds):
            if failed:
                delay = _delay(failed.values(), len(rounds))
                left = _left(sampling.deadline, started)
                if left is not None and left <= delay:
                    await asyncio.sleep(left)
                    return too_late(list(failed)[-1].server.url, started)
                await asyncio.sleep(delay)
                failed.clear()
            while len(failed) < len(self._ranked):
                left = _left(sampling.deadline, started)
                replica = self._choose(failed.keys())
                replica.calls += 1
                try:
                    completion = await replica.server.complete(
                        prompt,
                        replace(sampling, deadline=left),
                        hear,
                        prompt_ids=prompt_ids,
                        trace=trace,
                    )
                except UnreachableError as error:
                    self._all._rest(replica, error)
                    failed[replica] = error
                except TransientError as error:
                    self._all._failed(replica, error)
                    if begun or isinstance(error, SilentError):
                        self._broke_off(replica)
                        raise
                    failed[replica] = error
                else:
                    replica.failed = 0
                    if completion.finish_reason == FinishReason.DEADLINE and not begun:
                        self._broke_off(replica)  # it sent nothing at all
                    else:
                        self._cuts = 0
                    return completion
                finally:
                    replica.calls -= 1
            rounds.append(min(failed.values(), key=lambda one: not isinstance(one, TransientError)))
        raise rounds[-1]

    def leave(self) -> None:
        """The problem is solved."""
        if self._home is not None:
            self._home.problems -= 1
            self._home = None

    def _choose(self, failed: Collection[_Replica]) -> _Replica:
        """The server for the next request: the problem's own, if healthy and not overloaded."""
        left = [one for one in self._ranked if one not in failed]
        awake = [one for one in self._all._awake() if one in left] or left
        if self._home in left and self._home not in awake:
            self._move(failed)
        limit = max(FEW_CALLS, MOST_CALLS * sum(one.calls for one in awake) / len(awake))
        own_first = sorted(awake, key=lambda one: (one is not self._home, self._ranked.index(one)))
        return next((one for one in own_first if one.calls < limit), own_first[0])

    def _move(self, failed: Collection[_Replica]) -> None:
        """Choose a home: the first in the problem's ranking below its share."""
        self.leave()
        awake = [one for one in self._all._awake() if one not in failed] or self._ranked
        total = 1 + sum(one.problems for one in awake)
        share = math.ceil(MOST_PROBLEMS * total / len(awake))
        ranked = [one for one in self._ranked if one in awake]
        self._home = next((one for one in ranked if one.problems < share), ranked[0])
        self._home.problems += 1

    def _broke_off(self, replica: _Replica) -> None:
        self._cuts += 1
        if self._cuts >= MOST_CUTS and replica is self._home:
            self._cuts = 0
            self._move((replica,))


def _left(deadline: float | None, started: float) -> float | None:
    """Seconds left until a call's deadline; None without one."""
    return None if deadline is None else max(0.0, started + deadline - time.perf_counter())


def _delay(errors: Collection[Exception], rounds: int) -> float:
    """Seconds until all servers are tried again: as soon as the first one is due."""
    named = [error.retry_after for error in errors if isinstance(error, TransientError)]
    seconds = [one for one in named if one is not None]
    return ROUNDS.named(min(seconds)) if seconds and seconds == named else ROUNDS.delay(rounds)


def open_servers(
    urls: str,
    model: str,
    timeout: float,
    api: Api,
    *,
    chat_instruction: str | None = None,
    chat_server: Callable[..., ModelServer] = ChatServer,
    context: ContextLimit | None = None,
    models: int = 1,
) -> Replicas:
    """The servers of a comma-separated list of URLs; `timeout` is their longest silence (s).

    Limits are fitted to the shortest context of all, stored in `context`. `chat_instruction`
    precedes each prompt in a chat; by default the one to continue a text. `chat_server` makes a
    server of the chat API. `models`: the number of models used in this process, which share its
    open files.
    """
    listed = list(dict.fromkeys(url.strip().rstrip("/") for url in urls.split(",") if url.strip()))
    if not listed:
        raise InputError(f"{urls!r} names no server: expected one like http://127.0.0.1:8000/v1.")
    context = context or ContextLimit()
    clients = models * len(listed)
    make: Callable[..., ModelServer] = ModelServer
    if api == "chat":
        instruction = load_prompt(CHAT_PROMPT) if chat_instruction is None else chat_instruction
        make = partial(chat_server, instruction=instruction)
    return Replicas(
        [make(url, model, timeout=timeout, context=context, clients=clients) for url in listed]
    )
