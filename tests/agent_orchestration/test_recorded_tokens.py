"""`record_tokens`: the token ids and log-probabilities of each call, as the server had them."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from pathlib import Path

import pytest
import torch
from sprint.sample_world.command import rows
from sprint.utils.records import CallTokens, Result
from sprint.utils.results.calls import calls_by_problem, read_calls
from sprint.utils.results.recorded_tokens import read_tokens
from support.commands import run_command
from support.fake_decoder import code_points
from support.fake_server import Answer, FakeServer, Refusal, Reply, Request
from support.scripts import Scripted, calls_of, planner_call
from support.solving import solve
from support.vllm_server import SPRINT_MODEL
from transformers import AutoModelForCausalLM

PLAN = planner_call(1)


def written(tokens: CallTokens) -> str:
    return "".join(map(chr, tokens.ids))


def read(tokens: CallTokens) -> str:
    return "".join(map(chr, tokens.prompt_ids))


def recorded(server: FakeServer) -> Result:
    result = solve(server, record_tokens=True)
    assert len(result.tokens) == len(result.calls)
    for tokens in result.tokens:
        assert tokens.logprobs == tuple(-one / 1000 for one in tokens.ids)
    return result


def test_each_call_has_the_tokens_of_its_texts(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    result = recorded(fake_server)
    expected = {(call.context, call.completion) for call in calls_of()}
    assert {(read(tokens), written(tokens)) for tokens in result.tokens} == expected


def test_a_discarded_attempt_has_its_tokens_too(fake_server: FakeServer) -> None:
    script = Scripted(calls_of())
    script.set(PLAN.context, Reply.of("No tag at all."), Reply.of(PLAN.completion))
    fake_server.script, fake_server.tells_ids = script, True
    result = recorded(fake_server)
    (tokens,) = [
        tokens for call, tokens in zip(result.calls, result.tokens, strict=True) if not call.kept
    ]
    assert (read(tokens), written(tokens)) == (PLAN.context, "No tag at all.")


def test_a_forced_answer_continues_its_tag(fake_server: FakeServer) -> None:
    script, forced = Scripted(()), f"{PLAN.context}<Final_answer>\n"
    script.set(PLAN.context, Reply.of("No tag."))
    script.set(forced, Reply.of("26.\n</Final_answer>"))
    fake_server.script, fake_server.tells_ids = script, True
    tokens = recorded(fake_server).tokens[-1]
    assert (read(tokens), written(tokens)) == (forced, "26.\n</Final_answer>")


def test_nothing_is_recorded_by_default(fake_server: FakeServer) -> None:
    fake_server.script, fake_server.tells_ids = Scripted(calls_of()), True
    assert solve(fake_server).tokens == ()
    assert not any("logprobs" in request.body for request in fake_server.requests)


def test_a_server_that_gives_no_ids_leaves_the_lists_empty(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server, record_tokens=True)
    assert set(result.tokens) == {CallTokens()}


@pytest.mark.vllm
def test_log_probabilities_are_those_of_the_model(sprint_url: str, tmp_path: Path) -> None:
    (tmp_path / "problems.jsonl").write_text(json.dumps(rows("test", 1, 5)[0]) + "\n")
    flags = [
        *("--planner_model", str(SPRINT_MODEL), "--planner_server_url", sprint_url),
        *("--test_hub_path", "problems.jsonl", "--logs_dir", "logs", "--record_tokens"),
        *("--plan_tokens", "300", "--execution_tokens", "200", "--temperature", "1"),
    ]
    outcome = run_command("sprint.agent_orchestration", flags, tmp_path)
    assert outcome.code == 0, outcome.err
    (folder,) = (tmp_path / "logs_full_trajectory" / SPRINT_MODEL.name).iterdir()
    (problem,) = calls_by_problem(read_calls(folder)).items()
    name, calls = problem
    tokens = read_tokens(folder, name)
    assert tokens is not None
    for call, one in zip(calls, tokens, strict=True):
        # Of a call that was stopped, the pieces of text are counted.
        assert len(one.ids) == len(one.logprobs)
        assert len(one.ids) == call.completion_tokens or not call.kept
    model = AutoModelForCausalLM.from_pretrained(SPRINT_MODEL, dtype=torch.float32)
    for one in tokens:
        ids = torch.tensor([[*one.prompt_ids, *one.ids]])
        with torch.no_grad():
            logprobs = model(ids).logits[0, len(one.prompt_ids) - 1 : -1].log_softmax(-1)
        expected = logprobs.gather(1, torch.tensor(one.ids)[:, None])[:, 0]
        assert torch.allclose(torch.tensor(one.logprobs), expected, atol=1e-2)


def test_a_refused_request_has_no_tokens_of_its_repetition(fake_server: FakeServer) -> None:
    """A router may hand on texts alone: the same call is then sent again as text."""
    script = Scripted(calls_of())

    def without_ids(request: Request) -> Answer | Awaitable[Answer]:
        is_text = isinstance(request.body["prompt"], str)
        return script(request) if is_text else Refusal(400, "prompt must be a string")

    fake_server.script, fake_server.tells_ids = without_ids, True

    result = solve(fake_server, record_tokens=True, tokenize=code_points)
    pairs = list(zip(result.calls, result.tokens, strict=True))
    refused = [tokens for call, tokens in pairs if not call.kept]
    assert refused
    assert set(refused) == {CallTokens()}
    assert all(tokens.ids for call, tokens in pairs if call.kept)
