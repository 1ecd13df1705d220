"""What is cut or cancelled ends on a real vLLM server too."""

from __future__ import annotations

import asyncio
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch
from sprint.utils.api.finish_reasons import FinishReason
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from support.limits import PATIENCE
from support.tiny import tiny_model, tiny_tokenizer
from support.vllm_server import vllm_server

MODEL = "repeating"
CONTEXT = 1 << 15
"""Tokens; a minute of decoding."""
REQUESTS = 4


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("server")
    model = tiny_model()
    model.config.max_position_embeddings = CONTEXT
    # The end of text has the logit 0, which of so many tokens is never the highest: no call ends
    # before its context is full.
    with torch.no_grad():
        model.get_input_embeddings().weight[model.config.eos_token_id] = 0
    model.save_pretrained(folder / MODEL)
    tiny_tokenizer().save_pretrained(folder / MODEL)
    with vllm_server(folder / MODEL, folder, f"--served-model-name {MODEL}") as url:
        yield url


class Metrics:
    """The server's own numbers; `waited_for` reads them until a condition holds."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("/v1", "/metrics")
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def _sum(self, metric: str) -> float:
        with self._open(self._url, timeout=PATIENCE) as response:
            lines = response.read().decode().splitlines()
        pattern = re.compile(rf"{re.escape(metric)}.* ([\d.e+]+)$")
        return sum(float(found[1]) for line in lines if (found := pattern.match(line)))

    def running(self) -> float:
        return self._sum("vllm:num_requests_running{")

    def finished(self) -> float:
        """Requests that ended by themselves."""
        return self._sum("vllm:request_success_total{")

    async def waited_for(self, holds: Callable[[], bool]) -> None:
        """Raises TimeoutError."""
        end = time.monotonic() + PATIENCE
        while not await asyncio.to_thread(holds):
            if time.monotonic() > end:
                raise TimeoutError("the server's numbers do not become what they should")


@pytest.mark.vllm
def test_the_server_is_free_once_calls_are_cut_or_cancelled(served: str) -> None:
    metrics = Metrics(served)
    endless = Sampling(max_tokens=CONTEXT - 100, temperature=0.0)

    async def check() -> None:
        async with ModelServer(served, MODEL) as server:
            enough = asyncio.Event()
            read = [
                asyncio.create_task(server.complete("x", endless, lambda _: enough.is_set()))
                for _ in range(REQUESTS)
            ]
            await metrics.waited_for(lambda: metrics.running() == REQUESTS)
            enough.set()
            assert {(await call).finish_reason for call in read} == {FinishReason.ENOUGH}
            await metrics.waited_for(lambda: metrics.running() == 0)

            cancelled = [
                asyncio.create_task(server.complete("x", endless)) for _ in range(REQUESTS)
            ]
            await metrics.waited_for(lambda: metrics.running() == REQUESTS)
            for call in cancelled:
                call.cancel()
            await metrics.waited_for(lambda: metrics.running() == 0)
            await asyncio.gather(*cancelled, return_exceptions=True)

            short = replace(endless, deadline=1.0)
            late = await asyncio.gather(*(server.complete("x", short) for _ in range(REQUESTS)))
            assert {call.finish_reason for call in late} == {FinishReason.DEADLINE}
            await metrics.waited_for(lambda: metrics.running() == 0)

    asyncio.run(check())
    assert metrics.finished() == 0, "a call went on to its end, so that nothing was shown"
