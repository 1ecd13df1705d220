"""Overhead of the server for a problem: wall clock time and time to the first streamed text.

python benchmarks/serving_overhead.py [--problems 20] [--tick 0.02]

Solves problems one by one on a token-clock server, each with the batch solver and then through the
server. The first text of the batch solver is its first event; that of the server is the first text
that a client reads.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from functools import partial

from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.methods.events import Event
from sprint.utils.methods.runner import run_async
from sprint.utils.records import Problem
from streams import INSTRUCTION
from token_clock import MODEL, served

from serving import client, serving, streamed, watching


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


async def measure(model_url: str, problems: int) -> None:
    batch, through = list[tuple[float, float]](), list[tuple[float, float]]()
    with serving(model_url) as ours:
        async with ModelServer(model_url, MODEL) as server, client() as http:
            for number in range(-2, problems):  # the first two open connections
                one = await solved(server, number % 7)
                times = list[float]()
                async for seconds, event in streamed(http, ours.url, f"Question {number % 7}?"):
                    if "error" in event:
                        raise RuntimeError(event["error"])
                    times.append(seconds)
                if number >= 0:
                    batch.append(one)
                    through.append((times[0], times[-1]))
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
    parser.add_argument("--problems", type=int, default=20)
    parser.add_argument("--tick", type=float, default=0.02, help="seconds per token")
    arguments = parser.parse_args()
    with served(partial(watching, arguments.tick)) as url:
        run_async(lambda: measure(url, arguments.problems))


if __name__ == "__main__":
    main()
