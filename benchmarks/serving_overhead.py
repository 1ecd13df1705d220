"""Overhead of the server for a problem: wall clock time and time to the first streamed text.

python benchmarks/serving_overhead.py [--problems 100] [--at_once 8] [--tick 0.02]

Solves problems on a token-clock server, each with the batch solver and, `OFFSET` ticks later,
through the server. Some are solved at once, because on some machines a process that was idle for a
second is slow at first. The first text of the batch solver is its first event; that of the server
is the first text that a client reads.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from functools import partial

import aiohttp
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.methods.events import Event
from sprint.utils.methods.runner import run_async
from sprint.utils.records import Problem
from streams import INSTRUCTION
from token_clock import MODEL, served

from serving import client, serving, streamed, watching

OFFSET = 1.5


async def solved(server: ModelServer, number: int) -> tuple[float, float]:
    """Seconds to the first text and to the end of a problem with the batch solver."""
    first = list[float]()
    begun = time.perf_counter()

    def hear(event: Event) -> bool:
        if not first:
            first.append(time.perf_counter() - begun)
        return False

    solver = SprintSolver(server, server, INSTRUCTION, SprintSettings(temperature=0.0))
    result = await solver.solve(Problem(str(number), number, f"Question {number}?", ""), hear)
    if result.faults:
        raise RuntimeError(f"the problem was not replayed: {result.faults}")
    return first[0], time.perf_counter() - begun


async def asked(http: aiohttp.ClientSession, url: str, number: int) -> tuple[float, float]:
    """The same through the server."""
    times = list[float]()
    async for seconds, event in streamed(http, url, f"Question {number}?"):
        if "error" in event:
            raise RuntimeError(event["error"])
        times.append(seconds)
    return times[0], times[-1]


async def measure(model_url: str, problems: int, at_once: int, tick: float) -> None:
    batch, through = list[tuple[float, float]](), list[tuple[float, float]]()
    with serving(model_url) as ours:
        async with ModelServer(model_url, MODEL) as server, client() as http:
            left = iter(range(problems + 2 * at_once))

            async def work() -> None:
                for number in left:
                    async with asyncio.TaskGroup() as group:
                        alone = group.create_task(solved(server, number % 7))
                        await asyncio.sleep(OFFSET * tick)
                        answer = group.create_task(asked(http, ours.url, number % 7))
                    if number >= 2 * at_once:  # the first ones open connections
                        batch.append(alone.result())
                        through.append(answer.result())

            async with asyncio.TaskGroup() as workers:
                for worker in range(at_once):
                    workers.create_task(work())
                    await asyncio.sleep((7 + worker % 3) * tick)
    tell("to the first text", [one[0] for one in batch], [one[0] for one in through])
    tell("to the end", [one[1] for one in batch], [one[1] for one in through])


def tell(what: str, batch: Sequence[float], through: Sequence[float]) -> None:
    added = [1000 * (ours - theirs) for ours, theirs in zip(through, batch, strict=True)]
    mean = statistics.mean(batch)
    print(
        f"{what}: batch {mean:.4f} s, server {statistics.mean(through):.4f} s; added "
        f"{statistics.mean(added):.2f} ms on average, median {statistics.median(added):.2f} ms, "
        f"at most {max(added):.2f} ms: {statistics.mean(added) / mean / 10:.2f} %"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=100)
    parser.add_argument("--at_once", type=int, default=8)
    parser.add_argument("--tick", type=float, default=0.02, help="seconds per token")
    arguments = parser.parse_args()
    with served(partial(watching, arguments.tick)) as url:
        run_async(lambda: measure(url, arguments.problems, arguments.at_once, arguments.tick))


if __name__ == "__main__":
    main()
