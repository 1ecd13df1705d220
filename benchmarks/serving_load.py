"""Many concurrent requests to the server on one core: time over critical path, and memory.

python benchmarks/serving_load.py [--requests 200] [--tick 0.05]

The token-clock server sends 20 tokens per second on every stream, from another core. The critical
path of a request is that of its trajectory: its sequential tokens times the tick.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from functools import partial

import aiohttp
from sprint.utils.methods.runner import run_async
from sprint.utils.tokens.counting import generated_sequential_tokens
from streams import trajectory
from token_clock import count, served

from serving import Serving, asking, client, serving, watching

LAST = 1000
"""Bytes that contain the last chunks of a stream."""


async def ask(
    http: aiohttp.ClientSession, url: str, number: int, tick: float, over: list[float]
) -> None:
    """Reads the stream without parsing it: that would slow down the server's side of the clock."""
    body = asking(f"Question {number}?", stream=True)
    end, begun = b"", time.perf_counter()
    async with http.post(f"{url}/chat/completions", json=body) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            end = (end + piece)[-LAST:]
    seconds = time.perf_counter() - begun
    if b'"finish_reason": "stop"' not in end:
        raise RuntimeError(f"request {number} has no answer")
    path = generated_sequential_tokens(trajectory(number), count) * tick
    over.append(seconds / path)


async def measure(ours: Serving, requests: int, tick: float) -> None:
    over = list[float]()
    async with client() as http:
        await ask(http, ours.url, 0, tick, [])  # warm-up: opens connections
        before, most = ours.memory, 0
        used, begun = ours.seconds, time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number in range(requests):
                group.create_task(ask(http, ours.url, number, tick, over))
            while len(over) < requests:
                most = max(most, ours.memory)
                await asyncio.sleep(0.2)
        used, elapsed = ours.seconds - used, time.perf_counter() - begun
    above = sum(one > 1.05 for one in over)
    print(
        f"{requests} requests at once: elapsed over critical path {statistics.mean(over):.4f} on "
        f"average, {max(over):.4f} at worst, {above} above 1.05; "
        f"{(most - before) / requests:.0f} KiB per request; {used:.1f} s of processor time in "
        f"{elapsed:.1f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--tick", type=float, default=0.05, help="seconds per token")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    flags = ("--max_running", str(arguments.requests + 1))
    with (
        served(partial(watching, arguments.tick)) as url,
        serving(url, *flags, core=cores[0]) as ours,
    ):
        os.sched_setaffinity(0, cores[-1:])
        run_async(lambda: measure(ours, arguments.requests, arguments.tick))


if __name__ == "__main__":
    main()
