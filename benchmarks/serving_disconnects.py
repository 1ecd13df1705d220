"""Clients disconnect at random: what remains of them on the model server and on our server.

python benchmarks/serving_disconnects.py [--requests 1000] [--at_once 50] [--tick 0.005]
    [--max_running 64] [--seed 5]

A third of the clients disconnect after a random time. Memory is compared after the first quarter
of the requests, because the server's memory reaches its normal size during these.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
from functools import partial

import aiohttp
from aiohttp import web
from sprint.utils.methods.runner import run_async
from sprint.utils.tokens.counting import generated_sequential_tokens
from streams import Watching, trajectory
from token_clock import count, served

from serving import Serving, client, serving, streamed

PATIENCE = 10.0
"""Seconds to wait for abandoned calls to end."""


class Counting(Watching):
    """Counts its running requests."""

    running = 0

    async def answer(self, http: web.Request, context: str, reply: str) -> web.StreamResponse:
        self.running += 1
        try:
            return await super().answer(http, context, reply)
        finally:
            self.running -= 1

    async def under_way(self, _: web.Request) -> web.Response:
        return web.json_response(self.running)

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/running", self.under_way)]


def counting(tick: float) -> Counting:
    return Counting(tick, sorted(os.sched_getaffinity(0))[-1:])


async def metrics(http: aiohttp.ClientSession, ours: Serving) -> dict[str, float]:
    """The server's figures without labels, without their prefix."""
    async with http.get(ours.url.replace("/v1", "/metrics")) as response:
        found = re.findall(r"^sprint_(\w+) (\S+)$", await response.text(), re.MULTILINE)
    return {name: float(value) for name, value in found}


async def measure(ours: Serving, model_url: str, requests: int, at_once: int, tick: float) -> None:
    left = answered = most = 0
    longest = generated_sequential_tokens(trajectory(6), count) * tick
    memory = list[int]()
    numbers = iter(range(requests))

    async with client() as http:

        async def ask(number: int) -> None:
            async for _ in streamed(http, ours.url, f"Question {number}?"):
                pass

        async def work() -> None:
            nonlocal left, answered
            for number in numbers:
                if number == requests // 4:
                    memory.append(ours.memory)
                goes = random.random() * longest if random.random() < 1 / 3 else None
                try:
                    async with asyncio.timeout(goes):
                        await ask(number)
                    answered += 1
                except TimeoutError:
                    left += 1

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, int((await metrics(http, ours))["requests_waiting"]))
                await asyncio.sleep(0.2)

        before = await metrics(http, ours)
        watching = asyncio.create_task(watch())
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(work())
        watching.cancel()
        running, loop = -1, asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while running and loop.time() < end:
            async with http.get(model_url.replace("/v1", "/running")) as response:
                running = int(await response.text())
            await asyncio.sleep(0.01)
        after = await metrics(http, ours)
    print(
        f"{answered} answered, {left} disconnected: {running} calls, "
        f"{after['problems_running']:.0f} problems and {after['requests_waiting']:.0f} waiting "
        f"requests left; at most {most} waited; tasks: {before['tasks']:.0f} before, "
        f"{after['tasks']:.0f} after; memory: {memory[0]} KiB after 25 %, {ours.memory} KiB at the "
        "end"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--at_once", type=int, default=50)
    parser.add_argument("--tick", type=float, default=0.005, help="seconds per token")
    parser.add_argument("--max_running", type=int, default=64, help="fewer: the others wait")
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    flags = ("--max_running", str(arguments.max_running))
    with served(partial(counting, arguments.tick)) as url, serving(url, *flags) as ours:
        run_async(lambda: measure(ours, url, arguments.requests, arguments.at_once, arguments.tick))


if __name__ == "__main__":
    main()
