"""Spreads problems over several client processes, if one cannot keep all streams fed.

Each process has its own event loop and connections; problems go to the process with the fewest, and
results come back, so that only this process writes. No process outlives the block.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import os
import pickle
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from ..concurrency.garbage_collection import rare_pauses
from ..concurrency.processes import end_with_parent
from ..concurrency.signals import leave_to_parent, signals_held
from ..config.safe_output import guard_terminal, start_log
from ..errors import SprintError
from ..records import Problem, Result
from .runner import run_async

Solve = Callable[[Problem], Awaitable[Result]]
OpenSolver = Callable[[], AbstractAsyncContextManager[Solve]]

GONE = (
    "A client process ended before its work was done: it was killed or ran out of memory. "
    "Finished work is kept. Run the same command again, with fewer "
    "--client_processes if it was memory."
)
LAST_WORDS = 10.0
"""Seconds for a process to close its connections before it is killed."""

SIZE = 8
"""Bytes for the length of the message that follows."""


class _Channel:
    """Objects to and from another process. Both ends are ours, so the data can be trusted."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def over(cls, pipe: Connection) -> _Channel:
        """A channel on a pipe, which is consumed: its own calls would block the event loop."""
        end = socket.socket(fileno=os.dup(pipe.fileno()))
        pipe.close()
        return cls(*await asyncio.open_connection(sock=end))

    async def send(self, message: Any) -> None:
        """Raises OSError if the other end is gone."""
        content = pickle.dumps(message)
        self._writer.write(len(content).to_bytes(SIZE) + content)
        await self._writer.drain()

    async def receive(self) -> Any:
        """Raises EOFError or OSError if the other end is gone."""
        size = int.from_bytes(await self._reader.readexactly(SIZE))
        return pickle.loads(await self._reader.readexactly(size))

    def close(self) -> None:
        self._writer.close()


class _Outcome(NamedTuple):
    """A process's message about a problem; `number` 0: its solver is ready or has failed."""

    number: int
    result: Result | None = None
    error: SprintError | None = None


@dataclass(eq=False)
class _Client:
    process: BaseProcess
    channel: _Channel
    waiting: dict[int, asyncio.Future[Result | None]] = field(default_factory=dict)

    async def hear(self) -> None:
        """Pass on the process's messages; when it has ended, all its open problems fail."""
        with suppress(EOFError, OSError):
            while True:
                outcome: _Outcome = await self.channel.receive()
                asked = self.waiting.get(outcome.number)
                if asked is None or asked.done():
                    continue
                if outcome.error is not None:
                    asked.set_exception(outcome.error)
                else:
                    asked.set_result(outcome.result)
        for asked in self.waiting.values():
            if not asked.done():
                asked.set_exception(SprintError(GONE))

    async def ask(self, number: int, problem: Problem) -> Result:
        asked = asyncio.get_running_loop().create_future()
        self.waiting[number] = asked
        try:
            await self.channel.send((number, problem))
            result: Result | None = await asked
        except OSError as error:
            raise SprintError(GONE) from error
        finally:
            del self.waiting[number]
        assert result is not None
        return result

    async def end(self) -> None:
        """Let the process end: it does so when nobody can send to it any more."""
        self.channel.close()
        await asyncio.to_thread(self.process.join, LAST_WORDS)
        if self.process.is_alive():
            self.process.kill()
            await asyncio.to_thread(self.process.join)


@asynccontextmanager
async def solve_in_processes(open_solver: OpenSolver, count: int) -> AsyncIterator[Solve]:
    """A function that solves a problem in one of `count` processes; 1: in this one.

    `open_solver` gives the solver of each. It and its parts must be picklable.
    """
    if count == 1:
        async with open_solver() as solve:
            yield solve
        return
    clients, ears = list[_Client](), list[asyncio.Task[None]]()
    numbers = itertools.count(1)

    async def solve_elsewhere(problem: Problem) -> Result:
        client = min(clients, key=lambda one: len(one.waiting))
        return await client.ask(next(numbers), problem)

    try:
        for _ in range(count):
            client = await _start(open_solver)
            clients.append(client)
            client.waiting[0] = asyncio.get_running_loop().create_future()
            ears.append(asyncio.create_task(client.hear()))
        await asyncio.gather(*(client.waiting[0] for client in clients))
        yield solve_elsewhere
    finally:
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)
        await asyncio.gather(*(client.end() for client in clients))


async def _start(open_solver: OpenSolver) -> _Client:
    # Not `fork`: it is unsafe in a program with threads.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_be_client, args=(open_solver, theirs), daemon=True)
    with signals_held():
        process.start()
    theirs.close()
    return _Client(process, await _Channel.over(ours))


def _be_client(open_solver: OpenSolver, pipe: Connection) -> None:
    """The main function of a process: solve problems until nobody sends any more."""
    leave_to_parent()
    guard_terminal()
    start_log()
    threading.Thread(target=end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        run_async(lambda: _serve(open_solver, pipe))


async def _serve(open_solver: OpenSolver, pipe: Connection) -> None:
    channel, speaking = await _Channel.over(pipe), asyncio.Lock()

    async def say(outcome: _Outcome) -> None:
        async with speaking:
            with suppress(OSError):  # nobody reads any more
                await channel.send(outcome)

    async def answer(number: int, problem: Problem) -> None:
        try:
            outcome = _Outcome(number, result=await solve(problem))
        except SprintError as error:
            outcome = _Outcome(number, error=error)
        await say(outcome)
        pauses.solved()

    tasks = set[asyncio.Task[None]]()
    try:
        async with open_solver() as solve, asyncio.TaskGroup() as group:
            await say(_Outcome(0))
            with rare_pauses() as pauses, suppress(EOFError, OSError):
                while True:
                    task = group.create_task(answer(*await channel.receive()))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
            for task in tasks:
                task.cancel()
    except SprintError as error:
        await say(_Outcome(0, error=error))
    channel.close()
