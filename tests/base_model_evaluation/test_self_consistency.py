"""Self-consistency on one problem, against the scripted server."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sprint.base_model_evaluation import self_consistency
from sprint.base_model_evaluation.config import SelfConsistencySettings
from sprint.base_model_evaluation.self_consistency import Vote
from sprint.utils.api.retry import CALLS
from sprint.utils.api.sampling import RETRY_TEMPERATURE
from sprint.utils.errors import RefusedError, ServerError
from sprint.utils.grading import countdown_gold
from sprint.utils.grammar import parse, planner_context, render
from sprint.utils.records import Result
from sprint.utils.tokens.counting import count_tokens
from support.baselines import solve_by
from support.fake_server import FakeServer, Fault, Refusal, Reply, Request, Thought
from support.limits import PATIENCE
from support.scripts import INSTRUCTION, PROBLEM, QUESTION

ANSWERS = [r"So \boxed{26}.", r"A slip: \boxed{25}", r"Longer: it is \boxed{\frac{52}{2}}"]


def solve(server: FakeServer, **settings: Any) -> Result:
    return solve_by(
        "self-consistency", server, SelfConsistencySettings(**{"samples": 3} | settings)
    )


def scripted(server: FakeServer, *replies: Reply | Refusal) -> None:
    turn = iter(replies)
    server.script = lambda _: next(turn)


def test_the_settings_are_the_papers() -> None:
    settings = SelfConsistencySettings()
    assert (settings.samples, settings.temperature) == (20, 0.3)


def test_the_majority_of_the_samples_is_the_answer(fake_server: FakeServer) -> None:
    scripted(fake_server, *map(Reply.of, ANSWERS))
    result = solve(fake_server)
    assert result.answer in ("26", r"\frac{52}{2}")  # whichever came first
    assert (result.faults, result.final) == ((), True)


def test_all_samples_are_asked_for_at_once(fake_server: FakeServer) -> None:
    gate, arrived = fake_server.gate(), itertools.count(1)

    def script(_: Request) -> Reply:
        if next(arrived) == 3:
            gate.open()
        return Reply.of(gate, "26")

    fake_server.script = script
    solve(fake_server)
    assert fake_server.peak == 3
    assert {request.context for request in fake_server.requests} == {
        planner_context(INSTRUCTION, QUESTION)
    }


def test_the_longest_sample_is_what_must_be_decoded(fake_server: FakeServer) -> None:
    scripted(fake_server, *map(Reply.of, ANSWERS))
    result = solve(fake_server)
    trajectory = parse(result.text)
    assert render(trajectory) == result.text
    assert sorted(trajectory.phases[0].executions) == sorted(ANSWERS)
    counted = count_tokens(trajectory, len)
    assert counted.sequential == max(map(len, ANSWERS))
    assert counted.total == sum(map(len, ANSWERS))
    assert counted.prompts == 3


def test_each_sample_stands_in_the_ledger(fake_server: FakeServer) -> None:
    scripted(fake_server, *map(Reply.of, ANSWERS))
    calls = solve(fake_server).calls
    places = sorted((call.role, call.phase, call.prompt, call.kept) for call in calls)
    assert places == [("executor", 1, number, True) for number in (1, 2, 3)]


def test_tags_in_samples_are_content(fake_server: FakeServer) -> None:
    """A SPRINT model may be asked, too."""
    text = "<Plan_1>\nfirst</Plan_1> <pro<think>mpt_1.1> x < 3 \\boxed{26}\n</think>"
    scripted(fake_server, *[Reply.of(text)] * 3)
    result = solve(fake_server)
    assert result.answer == "26"
    assert render(parse(result.text)) == result.text
    assert "x < 3" in parse(result.text).phases[0].executions[0]


def test_a_sample_that_is_cut_off_has_no_vote(fake_server: FakeServer) -> None:
    cut = Reply.of(r"I first think of \boxed{25}, but let me see whether that is right")
    scripted(fake_server, cut, cut, Reply.of(r"\boxed{26}"))
    result = solve(fake_server, max_tokens=12)
    assert result.answer == "26"
    assert (
        sorted(fault.partition(", ")[2] for fault in result.faults)
        == ["the answer was cut off at its token limit"] * 2
    )


def test_a_sample_that_fails_for_good_leaves_the_vote_to_the_others(
    fake_server: FakeServer,
) -> None:
    fine = [ANSWERS[0], ANSWERS[0]]
    lost = [Refusal(500)] * (CALLS.tries - 1)
    scripted(fake_server, Refusal(500), *map(Reply.of, fine), *lost)
    result = solve(fake_server)
    assert result.answer == "26"
    assert result.final
    assert len(result.faults) == CALLS.tries
    assert len(result.calls) == CALLS.tries + 2


def test_a_lost_sample_that_could_change_the_majority_is_not_final(
    fake_server: FakeServer,
) -> None:
    lost = [Refusal(500)] * (CALLS.tries - 1)
    scripted(fake_server, Refusal(500), *map(Reply.of, ANSWERS[:2]), *lost)
    assert not solve(fake_server).final


def test_an_empty_sample_is_asked_for_again_and_hotter(fake_server: FakeServer) -> None:
    scripted(fake_server, Reply.of("\n</think>"), *map(Reply.of, ANSWERS))
    result = solve(fake_server)
    assert len(fake_server.requests) == 4
    assert fake_server.requests[-1].temperature == RETRY_TEMPERATURE
    (fault,) = result.faults
    assert fault.endswith("attempt 1: the reply is empty")


def test_countdown_votes_for_ways_not_for_values(fake_server: FakeServer) -> None:
    answers = ["2*3*4", "3*4*2", "4*6", "4*6", "4*3*2"]
    scripted(fake_server, *(Reply.of(f"\\boxed{{{answer}}}") for answer in answers))
    task = replace(PROBLEM, answer=countdown_gold([2, 3, 4], 24, use_all=True))
    result = solve_by("self-consistency", fake_server, SelfConsistencySettings(samples=5), task)
    assert result.answer in ("2*3*4", "3*4*2", "4*3*2")


def test_a_cancelled_vote_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that goes on voting would hold up the end of the run."""
    begun, ended = threading.Event(), threading.Event()

    def vote(_: list[str], __: object, is_over: Callable[[], bool]) -> Vote:
        begun.set()
        while not is_over():
            begun.wait()
        ended.set()
        return Vote("", 0)

    monkeypatch.setattr(self_consistency, "majority", vote)

    async def main() -> None:
        counting = asyncio.create_task(self_consistency._count(["1"], PROBLEM))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        counting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await counting
        assert await asyncio.to_thread(ended.wait, PATIENCE)

    asyncio.run(main())


def test_nothing_at_all_is_not_final(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(500)
    result = solve(fake_server, max_attempts=2)
    assert (result.answer, result.final) == ("", False)
    assert len(fake_server.requests) == 3 * CALLS.tries


def test_broken_streams_are_asked_again(fake_server: FakeServer) -> None:
    scripted(fake_server, Reply.of("2*3", Fault.CUT), *map(Reply.of, ANSWERS))
    result = solve(fake_server)
    assert len(result.calls) == 4
    assert result.answer in ("26", r"\frac{52}{2}")


def test_a_refused_request_is_the_runners_to_tell(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(400, "too long")
    with pytest.raises(RefusedError, match="too long"):
        solve(fake_server)


def test_a_dead_server_is_a_server_error(fake_server: FakeServer) -> None:
    fake_server.stop()
    with pytest.raises(ServerError, match="Cannot reach a model server"):
        solve(fake_server)


def test_the_wall_clock_ends_before_the_vote(
    fake_server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = list[float]()

    def vote(*_: object) -> Vote:
        clock.append(time.perf_counter())
        return Vote("26", 3)

    monkeypatch.setattr(self_consistency, "majority", vote)
    scripted(fake_server, *map(Reply.of, ANSWERS))
    began = time.perf_counter()
    assert solve(fake_server).elapsed < clock[0] - began


def test_a_thought_that_a_server_tells_apart_counts(fake_server: FakeServer) -> None:
    thought = [Thought("2*3=6, "), Thought("so 26")]
    fake_server.script = lambda _: Reply.of(*thought, r"It is \boxed{26}.")
    result = solve_by(
        "self-consistency", fake_server, SelfConsistencySettings(samples=1), api="chat"
    )
    (sample,) = parse(result.text).phases[0].executions
    assert "2*3=6, so 26" in sample
    assert result.answer == "26"


def test_a_chat_model_gets_a_plain_message(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(r"\boxed{26}")
    result = solve_by(
        "self-consistency", fake_server, SelfConsistencySettings(samples=2), api="chat"
    )
    assert result.answer == "26"
    (message,) = fake_server.requests[0].body["messages"]
    assert message["role"] == "user"
    assert message["content"] == f"{INSTRUCTION}\n\n<Question>\n{QUESTION}\n</Question>"
