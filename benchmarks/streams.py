"""How many streams one client process on one core can handle, and how soon executors start.

python benchmarks/streams.py [--streams 64 128 256 512 1024] [--tick 0.05] [--rounds 3]

A token-clock server on the other core sends 20 tokens per second on every stream; the client is
that of SPRINT inference. The delay is the time from when the server writes a prompt's closing tag
to when it reads the executor's request, both over loopback. `client` is the part of it from when
the client receives the tag to when it starts the request. The server reports its own delays.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import statistics
import time
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import httpx2
from aiohttp import web
from faulty_clock import place
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.concurrency.garbage_collection import rare_pauses
from sprint.utils.grammar import trajectory_calls
from sprint.utils.methods.runner import run_async
from sprint.utils.records import Call, Phase, PlanSegment, Problem, Trajectory
from sprint.utils.tokens.counting import generated_sequential_tokens
from token_clock import MODEL, TokenClock, count, served, tokens

INSTRUCTION = "Solve in rounds."
BOUND = 5.0
"""Milliseconds in which an executor should start."""


def trajectory(number: int) -> Trajectory:
    """Two phases of three tasks, whose lengths differ slightly between problems."""
    words = ["word"] * (12 + number % 7)
    plan = tuple(PlanSegment(" ".join(words), f"Work out {task}.") for task in range(1, 4))
    executions = tuple(" ".join(words * task) for task in (1, 2, 3))
    phase = Phase(plan, executions)
    return Trajectory(f"Question {number}?", (phase, phase), "It is \\boxed{1}.")


class Watching(TokenClock):
    """Answers by place, and records when tags were written and executors' requests read."""

    def __init__(self, tick: float, cores: Sequence[int]) -> None:
        super().__init__({}, tick)
        os.sched_setaffinity(0, cores)
        self.cache: dict[str, dict[tuple[str, str], str]] = {}
        self.written: dict[tuple[str, str], float] = {}
        self.delays: list[float] = []
        self.late: list[float] = []

    def find(self, context: str) -> str | None:
        question, name = place(context)
        if name.startswith("execution") and (wrote := self.written.get((question, name))):
            self.delays.append(time.perf_counter() - wrote)
        number = int(question.split("Question ")[1].split("?")[0])
        if question not in self.cache:
            calls = trajectory_calls(INSTRUCTION, trajectory(number))
            self.cache[question] = {place(call.context): call.completion for call in calls}
        return self.cache[question].get((question, name))

    async def answer(self, http: web.Request, context: str, reply: str) -> web.StreamResponse:
        loop, begun = asyncio.get_running_loop(), http["begun"]
        question, name = place(context)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(http)
        words = tokens(reply)
        prompts = 0
        for number, word in enumerate(words, start=1):
            due = begun + number * self.tick
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.late.append(loop.time() - due)
            end = b"null" if number < len(words) else b'"stop"'
            text = word.replace("\n", "\\n").encode()
            if word.rstrip().endswith(f"</prompt_{name.split()[1]}.{prompts + 1}>"):
                prompts += 1
                key = question, f"execution {name.split()[1]}.{prompts}"
                self.written[key] = time.perf_counter()
            await response.write(HEAD + text + MIDDLE + end + TAIL)
        await response.write(USAGE % len(words))
        await response.write_eof()
        return response

    async def measured(self, _: web.Request) -> web.Response:
        told = {"delays": self.delays, "late": self.late}
        self.delays, self.late = [], []
        self.written.clear()
        self.cache.clear()
        return web.json_response(told)

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/measured", self.measured)]


HEAD = b'data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[{'
HEAD += b'"index":0,"text":"'
MIDDLE = b'","logprobs":null,"finish_reason":'
TAIL = b',"stop_reason":null}]}\n\n'
USAGE = (
    b'data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[],'
    b'"usage":{"prompt_tokens":1,"completion_tokens":%d,"total_tokens":1}}\n\ndata: [DONE]\n\n'
)


class Measured(NamedTuple):
    streams: float
    """Mean number in flight, from when all workers are busy until the first one ends."""
    over_path: list[float]
    """Elapsed time over critical path, for each problem."""
    calls: list[Call]
    cpu: float
    """The fraction of its core that the client uses."""
    memory: float
    """Growth of the process in KiB per stream."""
    server: dict[str, Any]


async def measure(url: str, streams: int, tick: float, rounds: int) -> Measured:
    sequential = {n: generated_sequential_tokens(trajectory(n), count) for n in range(7)}
    total = {
        n: sum(count(call.completion) for call in trajectory_calls(INSTRUCTION, trajectory(n)))
        for n in range(7)
    }
    workers = round(streams * sum(sequential.values()) / sum(total.values()))
    ramp = sequential[0] * tick
    numbers = iter(range(workers * rounds))
    over_path, calls = list[float](), list[Call]()
    before = resource.getrusage(resource.RUSAGE_SELF)
    at_work = list[tuple[float, float]]()
    """When each call began and ended."""
    ends = list[float]()
    begun = time.perf_counter()
    async with ModelServer(url, MODEL) as server:
        solver = SprintSolver(server, server, INSTRUCTION, SprintSettings(temperature=0.0))

        async def work(order: int) -> None:
            await asyncio.sleep(order / workers * ramp)  # not all at once
            for number in numbers:
                begun = time.perf_counter()
                question = f"Question {number}?"
                result = await solver.solve(Problem(str(number), number, question, ""))
                if result.faults:
                    raise RuntimeError(f"not replayed: {result.faults}")
                path = sequential[number % 7] * tick
                over_path.append((time.perf_counter() - begun) / path)
                calls.extend(result.calls)
                at_work.extend(
                    (begun + call.started, begun + call.finished) for call in result.calls
                )
            ends.append(time.perf_counter())

        with rare_pauses():
            async with asyncio.TaskGroup() as group:
                for order in range(workers):
                    group.create_task(work(order))
        elapsed = time.perf_counter() - begun
        async with httpx2.AsyncClient(trust_env=False) as client:
            told = (await client.get(url.replace("/v1", "/measured"))).json()
    after = resource.getrusage(resource.RUSAGE_SELF)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(
        streams=_mean_in_flight(at_work, begun + ramp, min(ends)),
        over_path=over_path,
        calls=calls,
        cpu=busy / elapsed,
        memory=(after.ru_maxrss - before.ru_maxrss) / streams,
        server=told,
    )


def _mean_in_flight(calls: Sequence[tuple[float, float]], start: float, end: float) -> float:
    within = (min(finished, end) - max(started, start) for started, finished in calls)
    return sum(max(0.0, seconds) for seconds in within) / (end - start)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[round(share * (len(values) - 1))]


def describe(streams: int, found: Measured) -> bool:
    """Print a line; return whether the client kept up with the streams and the executors."""
    delays = [1000 * delay for delay in found.server["delays"]]
    own = [1000 * (call.started - call.ready) for call in found.calls if call.ready is not None]
    late = [1000 * value for value in found.server["late"]]
    path = f"{statistics.mean(found.over_path):9.4f} {max(found.over_path):7.4f}"
    delay = f"{statistics.mean(delays):8.2f} {percentile(delays, 0.99):7.2f} {max(delays):7.2f}"
    client = f"{percentile(own, 0.99):8.2f} {max(own):7.2f}"
    print(
        f"{streams:7} {found.streams:7.0f} {path} {delay} {client} "
        f"{percentile(late, 0.99):9.2f} {100 * found.cpu:6.0f} {found.memory:8.0f}",
        flush=True,
    )
    return percentile(delays, 0.99) <= BOUND and statistics.mean(found.over_path) <= 1.05


HEADING = """
           mean  elapsed / path     delay in ms              client, ms     server    core  memory
streams in flight    mean   worst     mean    99 %     max     99 %     max late, 99 %   %     KiB
"""


def run(url: str, streams: int, tick: float, rounds: int, core: int) -> None:
    """Measure in this process, which has its own memory."""
    os.sched_setaffinity(0, [core])

    async def tell() -> None:
        if not describe(streams, await measure(url, streams, tick, rounds)):
            print(
                f"saturated: over {BOUND:g} ms at the 99th percentile of delays, or over 1.05",
                flush=True,
            )

    run_async(tell)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[64, 128, 256, 512, 1024])
    parser.add_argument("--tick", type=float, default=0.05, help="seconds per token")
    parser.add_argument("--rounds", type=int, default=3, help="problems one after another")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    print(HEADING.strip("\n"), flush=True)
    spawn = multiprocessing.get_context("spawn")
    with served(partial(Watching, arguments.tick, cores[-1:])) as url:
        for streams in arguments.streams:
            wanted = url, streams, arguments.tick, arguments.rounds, cores[0]
            client = spawn.Process(target=run, args=wanted)
            client.start()
            client.join()
            if client.exitcode:
                raise SystemExit(f"The client of {streams} streams failed, see above.")


if __name__ == "__main__":
    main()
