"""Milliseconds per token of servers, with one and with several streams.

python benchmarks/decode_speed.py MODEL URL [URL ...] [--streams 1 4 7] [--rounds 4] [--tokens 60]

In each round every server decodes, one server after the other, so that the load of the machine
affects all of them. Prints the median of the rounds, and the median ratio to the first URL's server
in the same round. What several streams cost more than one is what parallel executors cost.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

import openai

PROMPT = "Some words about boxes and coins. " * 60
"""About as long as the context of an executor."""


async def decode(client: openai.AsyncOpenAI, model: str, tokens: int) -> tuple[float, float]:
    """When the first and the last of `tokens` tokens came; no prompt is in the prefix cache."""
    stream = await client.completions.create(
        model=model,
        prompt=f"{secrets.token_hex(8)} {PROMPT}",
        max_tokens=tokens,
        temperature=1.0,
        stream=True,
        extra_body={"ignore_eos": True},
    )
    first = None
    async for _ in stream:
        first = first or time.perf_counter()
    if first is None:
        raise SystemExit(f"{model} wrote nothing.")
    return first, time.perf_counter()


async def ms_per_token(client: openai.AsyncOpenAI, model: str, streams: int, tokens: int) -> float:
    """Between two tokens of a stream while all streams decode."""
    stamps = await asyncio.gather(*(decode(client, model, tokens) for _ in range(streams)))
    began, _ = max(stamps)
    return 1000 * (max(end for _, end in stamps) - began) / (tokens - 1)


async def measure(
    model: str, urls: Sequence[str], streams: Sequence[int], rounds: int, tokens: int
) -> dict[tuple[int, str], list[float]]:
    """By streams and server, the milliseconds per token of each round."""
    clients = {url: openai.AsyncOpenAI(base_url=url, api_key="none") for url in urls}
    found = defaultdict[tuple[int, str], list[float]](list)
    try:
        for client in clients.values():
            await decode(client, model, tokens)
        for _ in range(rounds):
            for count in streams:
                for url, client in clients.items():
                    found[count, url].append(await ms_per_token(client, model, count, tokens))
    finally:
        for client in clients.values():
            await client.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a name that all servers serve")
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 4, 7])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=60, help="of each stream; from 2")
    arguments = parser.parse_args()
    if min(arguments.streams) < 1 or arguments.rounds < 1 or arguments.tokens < 2:
        parser.error("--streams and --rounds start at 1, --tokens at 2")
    found = asyncio.run(measure(**vars(arguments)))
    first = arguments.urls[0]
    for (streams, url), values in found.items():
        ratio = statistics.median(
            one / other for one, other in zip(values, found[streams, first], strict=True)
        )
        print(
            f"{streams} streams {url}: {statistics.median(values):.1f} ms per token "
            f"({min(values):.1f} to {max(values):.1f}), {ratio:.2f} times the first"
        )


if __name__ == "__main__":
    main()
