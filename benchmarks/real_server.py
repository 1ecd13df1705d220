"""SPRINT on a real vLLM server: dispatch, prefix cache, and the gain of sending token ids.

python benchmarks/real_server.py URL MODEL DATA [--tokenizer FOLDER] [--problems 40] [--workers 1]

DATA is a .jsonl file of problems. Every variant solves each problem, one after the other in varying
order, so that the load of the machine affects all of them. `cached` is the fraction of prompt
tokens found in the server's prefix cache; `of what blocks allow` is the same relative to the
longest prefixes seen before, in full blocks. Differences are paired, with 95 % intervals from a
bootstrap over the problems. `eager, warming` asks for one token after what is known of the next
plan's context while executors are still writing. `serial` decodes as many tokens as eager SPRINT,
in one stream.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import secrets
import statistics
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.completion import Completion
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.token_trace import TokenTrace
from sprint.utils.config import replace
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.grammar.layout import BETWEEN, opening
from sprint.utils.grammar.tags import TagKind, find_tags, open_tag
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Problem
from sprint.utils.tokens.tokenizers import token_encoder

RESAMPLES = 2000
WARMING = "eager, warming"
LAST = 1000
"""The priority of a request that must delay no other."""


def variants(tokens: int) -> dict[str, SprintSettings]:
    """By name; `tokens`: the maximum of one plan or one execution."""
    basic = SprintSettings(temperature=0.0, plan_tokens=tokens, execution_tokens=tokens)
    return {
        "eager": basic,
        WARMING: basic,
        "barrier": replace(basic, dispatch="barrier"),
        "eager, sent as text": replace(basic, reuse_tokens=False),
    }


class Blocks:
    """The token blocks that a server has computed, each identified by all tokens up to its end."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.known = set[int]()

    def add(self, ids: Sequence[int]) -> None:
        self.known.update(self._chain(ids))

    def cached(self, ids: Sequence[int]) -> int:
        """Tokens of a prompt that the cache can supply: its last token is always computed."""
        found = 0
        for hashed in self._chain(ids[:-1]):
            if hashed not in self.known:
                break
            found += self.size
        return found

    def _chain(self, ids: Sequence[int]) -> list[int]:
        before, hashes = 0, list[int]()
        for end in range(self.size, len(ids) + 1, self.size):
            before = hash((before, tuple(ids[end - self.size : end])))
            hashes.append(before)
        return hashes


@dataclass
class Tally:
    """The figures of one variant: tokens over all calls, seconds by problem."""

    prompt: int = 0
    cached: int = 0
    allowed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)


class Watched(ModelServer):
    """Records a server's prompts and completions, to know what its cache may contain.

    Each has its own salt, so that no variant finds the prefixes of another in the cache.
    """

    def __init__(self, url: str, model: str, blocks: Blocks, tokenize: Callable[[str], list[int]]):
        super().__init__(url, model)
        self.blocks, self.tokenize = blocks, tokenize
        self.salt = secrets.token_hex(8)
        self.tally = Tally()
        self._running = set[TokenTrace]()

    async def complete(
        self,
        prompt: str,
        sampling: Sampling,
        on_text: Callable[[str], bool] | None = None,
        *,
        prompt_ids: Sequence[int] | None = None,
        trace: TokenTrace | None = None,
    ) -> Completion:
        for other in self._running:
            self.blocks.add(other.ids)
        sent = prompt_ids or self.tokenize(prompt)
        allowed = self.blocks.cached(sent)
        trace = trace or TokenTrace(prompt)
        self._running.add(trace)
        try:
            completion = await super().complete(
                prompt, sampling, on_text, prompt_ids=prompt_ids, trace=trace
            )
        finally:
            self._running.discard(trace)
            self.blocks.add(trace.ids)
        self.tally.prompt += completion.prompt_tokens
        self.tally.cached += completion.cached_tokens
        self.tally.allowed += allowed
        return completion

    async def close(self) -> None:
        await self.client.close()

    async def _create(
        self, prompt: str | Sequence[int], sampling: Sampling, fields: Mapping[str, Any]
    ) -> httpx2.Response:
        return await super()._create(prompt, sampling, {**fields, "cache_salt": self.salt})


@dataclass
class Joining:
    """What is known of a problem's next plan context; `executions` by their number."""

    context: str
    phase: int = 0
    plan: str = ""
    executions: dict[int, str] = field(default_factory=dict)
    request: asyncio.Task[Any] | None = None

    def known(self) -> str:
        """The next plan's context, as far as it goes; empty if nothing waits for it."""
        done = list[str]()
        while len(done) + 1 in self.executions:
            done.append(self.executions[len(done) + 1])
        tags = find_tags(self.plan)
        prompts = sum(tag.kind is TagKind.PROMPT and tag.closing for tag in tags)
        if not self.plan or not done or len(self.executions) >= prompts:
            return ""
        block = opening(TagKind.EXECUTION_BLOCK, self.phase)
        return f"{self.context}{self.plan}{BETWEEN}{block}{BETWEEN.join(done)}{BETWEEN}"

    def cancel(self) -> None:
        if self.request is not None:
            self.request.cancel()


class Warming(Watched):
    """Has the server compute the known part of the next plan's context before it is complete."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.joins = dict[str, Joining]()
        """By the prompt up to the thought."""

    async def complete(self, prompt: str, *arguments: Any, **options: Any) -> Completion:
        problem, last = prompt.partition(open_tag(TagKind.THINK))[0], list(find_tags(prompt))[-1]
        number = last.number if last.kind is TagKind.EXECUTION else None
        if number is None:
            if problem in self.joins:
                self.joins[problem].cancel()
            self.joins[problem] = Joining(prompt)
        join = self.joins[problem]
        completion = await super().complete(prompt, *arguments, **options)
        if number is None:
            found = list(find_tags(completion.text))
            join.plan, join.phase = completion.text, (found[0].phase if found else None) or 0
        else:
            text = opening(TagKind.EXECUTION, last.phase, number) + completion.text
            join.executions[number] = text
        if known := join.known():
            join.cancel()
            join.request = asyncio.create_task(self._warm(known))
        return completion

    async def _warm(self, known: str) -> None:
        with suppress(openai.OpenAIError):
            await self.client.completions.create(
                model=self.model,
                prompt=known,
                max_tokens=1,
                extra_body={"priority": LAST, "cache_salt": self.salt},
            )

    async def close(self) -> None:
        for join in self.joins.values():
            join.cancel()
        await super().close()


async def decode(server: ModelServer, prompt: str, tokens: int) -> None:
    """Decode `tokens` tokens, of any content, in one stream."""
    stream = await server.client.completions.create(
        model=server.model,
        prompt=prompt,
        max_tokens=tokens,
        temperature=1.0,
        stream=True,
        extra_body={"ignore_eos": True, "cache_salt": secrets.token_hex(8)},
    )
    async for _ in stream:
        pass


def block_size(url: str) -> int:
    """Tokens per block of the server's cache, from its metrics."""
    address = url.removesuffix("/v1") + "/metrics"
    with urllib.request.urlopen(address, timeout=10) as response:
        found = re.search(
            r'vllm:cache_config_info\{.*?[{,]block_size="(\d+)"', response.read().decode()
        )
    if found is None:
        raise SystemExit(f"{address} reports no block size: is it a vLLM server?")
    return int(found[1])


@dataclass(frozen=True)
class Trial:
    """What is measured; `workers` problems are in flight, `tokens` limit a plan or an execution."""

    url: str
    model: str
    data: str
    tokenizer: str
    problems: int
    workers: int
    tokens: int


async def measure(trial: Trial) -> dict[str, Tally]:
    problems = load_problems(DataSource(trial.data, "default", "default", ":"))
    problems = problems[: trial.problems]
    prompt, tokenize = load_prompt("global_agent_prompt"), token_encoder(trial.tokenizer)
    size, order = block_size(trial.url), random.Random(0)
    settings = variants(trial.tokens)
    watched = {
        name: (Warming if name == WARMING else Watched)(
            trial.url, trial.model, Blocks(size), tokenize
        )
        for name in settings
    }
    serial = Tally()
    solvers = {
        name: SprintSolver(server, server, prompt, settings[name], tokenize)
        for name, server in watched.items()
    }

    async def solve(problem: Problem) -> None:
        names = list(settings)
        order.shuffle(names)
        for name in names:
            begun = time.perf_counter()
            result = await solvers[name].solve(problem)
            tally = watched[name].tally
            tally.seconds[problem.id] = time.perf_counter() - begun
            tally.tokens[problem.id] = sum(call.completion_tokens for call in result.calls)
        begun = time.perf_counter()
        tokens = watched["eager"].tally.tokens[problem.id]
        await decode(watched["eager"], prompt + problem.question, tokens)
        serial.seconds[problem.id] = time.perf_counter() - begun
        serial.tokens[problem.id] = tokens

    waiting = iter(problems)

    async def work() -> None:
        for problem in waiting:
            await solve(problem)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(trial.workers):
                group.create_task(work())
    finally:
        for server in watched.values():
            await server.close()
    return {name: server.tally for name, server in watched.items()} | {"serial": serial}


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean, by bootstrap."""
    chance = random.Random(0)
    means = sorted(statistics.mean(chance.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--tokenizer", help="default: the model")
    parser.add_argument("--problems", type=int, default=40)
    parser.add_argument("--workers", type=int, default=1, help="problems in flight")
    parser.add_argument("--tokens", type=int, default=1024, help="of a plan or an execution")
    arguments = vars(parser.parse_args())
    arguments["tokenizer"] = arguments["tokenizer"] or arguments["model"]
    trial = Trial(**arguments)
    tallies = asyncio.run(measure(trial))
    print(f"{trial.problems} problems, {trial.workers} in flight")
    base = tallies["eager"].seconds
    for name, tally in tallies.items():
        line = f"{name:<20} {statistics.mean(tally.seconds.values()):.3f} s per problem"
        line += f", {statistics.mean(tally.tokens.values()):.0f} tokens"
        if tally.prompt:
            line += f"; cached {100 * tally.cached / tally.prompt:.1f} % of prompt tokens"
        if tally.allowed:
            line += f", {100 * tally.cached / tally.allowed:.1f} % of what blocks allow"
        if name != "eager":
            ratios = [tally.seconds[problem] / base[problem] for problem in base]
            low, high = interval(ratios)
            line += f"; {statistics.mean(ratios):.3f} times eager [{low:.3f}, {high:.3f}]"
        print(line)


if __name__ == "__main__":
    main()
