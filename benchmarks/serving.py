"""Shared by the benchmarks of the server: the server in its own process, and its clients."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, NamedTuple

import aiohttp
from streams import INSTRUCTION, Watching
from token_clock import MODEL

ROOT = Path(__file__).resolve().parents[1]
TOKENIZER = ROOT / "models" / "sample_base"


def watching(tick: float) -> Watching:
    """The token-clock server, on the last core of this process."""
    return Watching(tick, sorted(os.sched_getaffinity(0))[-1:])


class Serving(NamedTuple):
    url: str
    pid: int

    @property
    def memory(self) -> int:
        """Current resident memory of the process in KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if "VmRSS" in line).split()[1])

    @property
    def seconds(self) -> float:
        """CPU seconds that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(model_url: str, *flags: str, core: int | None = None) -> Iterator[Serving]:
    """Our server in front of a token-clock server, on the given core if any."""
    with TemporaryDirectory() as prompts:
        # The instruction of the recorded calls.
        Path(prompts, "global_agent_prompt.txt").write_text(INSTRUCTION)
        flags = ("--tokenizer", str(TOKENIZER), *flags)
        variables = {"PROMPTS_DIR": prompts}
        with started(model_url, MODEL, *flags, core=core, variables=variables) as server:
            yield server


@contextmanager
def started(
    model_url: str,
    model: str,
    *flags: str,
    core: int | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Serving]:
    """Our server in front of a model server, greedy."""
    command = [sys.executable, "-m", "sprint.serving", "--port", "0", "--temperature", "0"]
    command += ["--planner_model", model, "--planner_server_url", model_url, *flags]
    before = (lambda: os.sched_setaffinity(0, [core])) if core is not None else None
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=before,
        env=os.environ | variables,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("Ready: "):
            raise RuntimeError(f"the server did not start: {line}")
        yield Serving(line.removeprefix("Ready: ").strip(), process.pid)
    finally:
        process.terminate()
        process.wait()


def asking(question: str, **fields: Any) -> dict[str, Any]:
    return {"model": "sprint", "messages": [{"role": "user", "content": question}]} | fields


async def streamed(
    client: aiohttp.ClientSession, url: str, question: str, **fields: Any
) -> AsyncIterator[tuple[float, dict[str, Any]]]:
    """The events of a stream, each with the seconds since the request."""
    begun = time.perf_counter()
    body = asking(question, stream=True, **fields)
    async with client.post(f"{url}/chat/completions", json=body) as response:
        response.raise_for_status()
        async for line in response.content:
            if line.startswith(b"data: {"):
                yield time.perf_counter() - begun, json.loads(line[6:])


def client() -> aiohttp.ClientSession:
    """A client without a limit on connections."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
    )
