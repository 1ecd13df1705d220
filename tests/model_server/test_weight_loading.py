"""New weights in a running server: it then answers as a server that was started with them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import torch
from sprint.latency_tuning.reinforcement.live_server import LiveServer
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.token_trace import TokenTrace
from sprint.utils.errors import InputError, ServerError
from support.fake_server import FakeServer
from support.limits import PATIENCE
from support.tiny import save_tiny_model, tiny_model, tiny_tokenizer
from support.vllm_server import vllm_server

NAME = "policy"
PROMPT = "P:7+5-3. 7+5=12, so"
OPTIONS = f"--served-model-name {NAME} --dtype float32"
LIVE = f"{OPTIONS} --worker-extension-cls sprint.model_server.weight_loading.WeightLoading"


def answer(url: str) -> tuple[str, list[int], list[float]]:
    """The text, ids and log-probabilities of a greedy answer."""

    async def main() -> tuple[str, list[int], list[float]]:
        async with asyncio.timeout(PATIENCE), ModelServer(url, NAME) as server:
            trace = TokenTrace(PROMPT, with_logprobs=True)
            done = await server.complete(PROMPT, Sampling(24, 0.0), trace=trace)
            return done.text, trace.generated().ids, trace.logprobs

    return asyncio.run(main())


@pytest.mark.vllm
def test_a_reloaded_server_answers_as_a_fresh_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head is tied to the embedding, whose packed copy vLLM alone would leave as it was."""
    old, new = tmp_path / "old", tmp_path / "new"
    save_tiny_model(old)
    model = tiny_model()
    with torch.no_grad():
        generator = torch.Generator().manual_seed(1)
        for weights in model.parameters():
            weights += 0.05 * torch.randn(weights.shape, generator=generator)
    model.save_pretrained(new)
    tiny_tokenizer().save_pretrained(new)
    with vllm_server(new, tmp_path / "fresh", OPTIONS) as url:
        fresh = answer(url)
    monkeypatch.setenv("VLLM_SERVER_DEV_MODE", "1")
    with vllm_server(old, tmp_path / "live", LIVE) as url:
        before = answer(url)
        LiveServer(url).load(new)
        after = answer(url)
    assert before[1] != fresh[1]
    assert after[:2] == fresh[:2]
    assert after[2] == pytest.approx(fresh[2], abs=1e-5)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1:8000/v1", "http://127.0.0.1:1/v1,http://127.0.0.1:2/v1"]
)
def test_only_one_server_on_this_machine_gets_weights(url: str) -> None:
    with pytest.raises(InputError, match=r"expected one server on 127\.0\.0\.1"):
        LiveServer(url)


def test_a_server_without_the_interface_is_named(fake_server: FakeServer, tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"answers 404 to /collective_rpc.*run_reinforcement"):
        LiveServer(fake_server.url).load(tmp_path)


def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="does not take new weights"):
        LiveServer("http://127.0.0.1:9/v1").load(tmp_path)
