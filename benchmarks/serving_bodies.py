"""Sends corrupted bodies to the server: it neither fails nor hangs.

python benchmarks/serving_bodies.py [--bodies 10000] [--seed 5]

Bodies of a valid request are mutated as in the tests, for both APIs in turn. The token-clock server
rejects those that are still valid, because it has no reply for them.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from functools import partial
from itertools import cycle
from pathlib import Path

from sprint.utils.methods.runner import run_async
from token_clock import TokenClock, served

from serving import client, serving

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))
from support.bodies import mutated
from support.serving import asking, responding

JSON = {"Content-Type": "application/json"}
AT_ONCE = 8


async def measure(url: str, bodies: int, seed: int) -> None:
    drawn, statuses, slowest = random.Random(seed), Counter[int](), 0.0
    requests = cycle([("chat/completions", asking()), ("responses", responding())])
    left = iter(range(bodies))
    async with client() as http:

        async def work() -> None:
            nonlocal slowest
            for _ in left:
                path, request = next(requests)
                body, begun = mutated(request, drawn), time.perf_counter()
                async with http.post(f"{url}/{path}", data=body, headers=JSON) as response:
                    await response.read()
                statuses[response.status] += 1
                slowest = max(slowest, time.perf_counter() - begun)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    found = ", ".join(f"{count} of {status}" for status, count in sorted(statuses.items()))
    faults = sum(count for status, count in statuses.items() if status >= 500)
    print(f"{bodies} bodies: {found}; {faults} faults, the slowest took {slowest:.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    with served(partial(TokenClock, {}, 0.001)) as url, serving(url) as ours:
        run_async(lambda: measure(ours.url, arguments.bodies, arguments.seed))


if __name__ == "__main__":
    main()
