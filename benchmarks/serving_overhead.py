"""Overhead of the server for a problem: wall clock time and time to the first streamed text.

python benchmarks/serving_overhead.py [--problems 100] [--at_once 8] [--tick 0.02]
python benchmarks/serving_overhead.py --vllm URL MODEL [--problems 100]

Solves problems on a token-clock server, each with the batch solver and, `OFFSET` ticks later,
through the server. Some are solved at once, because on some machines a process that was idle for a
second is slow at first. With --vllm, it solves sample problems on that server, one at a time, first
with the one or with the other in turn. The first text of the batch solver is its first event; that
of the server is the first text that a client reads.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import aiohttp
from sprint.agent_orchestration import SprintConfig, SprintSolver, open_sprint_solver
from sprint.agent_orchestration.config import SprintSettings
from sprint.utils.api.server import ModelServer
from sprint.utils.data.sample_problems import sample_problems
from sprint.utils.methods.events import Event
from sprint.utils.methods.runner import run_async
from sprint.utils.records import Problem
from streams import INSTRUCTION
from token_clock import MODEL, served

from serving import client, serving, started, streamed, watching

OFFSET = 1.5
LONGEST = 1024
"""Tokens of a call on vLLM, for the tiny models, whose context is short."""


class Times(NamedTuple):
    """Seconds to the first text and to the end of a problem."""

    first: float
    end: float


Ask = Callable[[str], Coroutine[Any, Any, Times]]
"""Solves a question."""
Pair = tuple[Times, Times]
"""With the batch solver and through the server."""


async def solved(solver: SprintSolver, question: str) -> Times:
    first = list[float]()
    begun = time.perf_counter()

    def hear(_: Event) -> bool:
        if not first:
            first.append(time.perf_counter() - begun)
        return False

    await solver.solve(Problem(question, 0, question, ""), hear)
    return Times(first[0], time.perf_counter() - begun)


async def asked(http: aiohttp.ClientSession, url: str, question: str) -> Times:
    times = list[float]()
    async for seconds, event in streamed(http, url, question):
        if "error" in event:
            raise RuntimeError(event["error"])
        times.append(seconds)
    return Times(times[0], times[-1])


async def on_token_clock(url: str, problems: int, at_once: int, tick: float) -> None:
    pairs = list[Pair]()
    with serving(url) as ours:
        async with ModelServer(url, MODEL) as server, client() as http:
            solver = SprintSolver(server, server, INSTRUCTION, SprintSettings(temperature=0.0))
            left = iter(range(problems + 2 * at_once))

            async def work() -> None:
                for number in left:
                    question = f"Question {number % 7}?"
                    async with asyncio.TaskGroup() as group:
                        alone = group.create_task(solved(solver, question))
                        await asyncio.sleep(OFFSET * tick)
                        answer = group.create_task(asked(http, ours.url, question))
                    if number >= 2 * at_once:  # the first ones open connections
                        pairs.append((alone.result(), answer.result()))

            async with asyncio.TaskGroup() as workers:
                for worker in range(at_once):
                    workers.create_task(work())
                    await asyncio.sleep((7 + worker % 3) * tick)
    tell(pairs)


async def on_vllm(url: str, model: str, problems: int) -> None:
    pairs = list[Pair]()
    flags = ("--plan_tokens", f"{LONGEST}", "--execution_tokens", f"{LONGEST}")
    config = SprintConfig(
        planner_model=model,
        planner_server_url=url,
        temperature=0,
        plan_tokens=LONGEST,
        execution_tokens=LONGEST,
    )
    with started(url, model, *flags) as ours:
        async with open_sprint_solver(config) as solver, client() as http:
            for number, made in enumerate(islice(sample_problems("test", 5), problems)):
                asks: list[Ask] = [partial(solved, solver), partial(asked, http, ours.url)]
                await asks[number % 2](made.problem)  # its prompt is in the prefix cache for both
                turns = asks if number % 4 < 2 else asks[::-1]
                times = [await ask(made.problem) for ask in turns]
                batch, through = times if turns is asks else times[::-1]
                pairs.append((batch, through))
    tell(pairs)


def tell(pairs: Sequence[Pair]) -> None:
    for what, which in (("to the first text", "first"), ("to the end", "end")):
        batch, through = (
            [getattr(one, which) for one in side] for side in zip(*pairs, strict=True)
        )
        _tell(what, batch, through)


def _tell(what: str, batch: Sequence[float], through: Sequence[float]) -> None:
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
    parser.add_argument("--vllm", nargs=2, metavar=("URL", "MODEL"), help="measure on this server")
    given = parser.parse_args()
    if given.vllm:
        url, model = given.vllm
        run_async(partial(on_vllm, url, model, given.problems))
        return
    with served(partial(watching, given.tick)) as url:
        run_async(partial(on_token_clock, url, given.problems, given.at_once, given.tick))


if __name__ == "__main__":
    main()
