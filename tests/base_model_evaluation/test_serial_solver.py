"""Serial reasoning on one problem, against the scripted server."""

from __future__ import annotations

from typing import Any

import pytest
from sprint.base_model_evaluation.config import BaselineSettings
from sprint.utils.api.retry import CALLS
from sprint.utils.errors import ServerError
from sprint.utils.grammar import planner_context
from sprint.utils.records import Result
from support.baselines import solve_by
from support.fake_server import FakeServer, Fault, Refusal, Reply
from support.scripts import INSTRUCTION, PROBLEM, QUESTION

THOUGHT = "2*3=6 and 4*5=20.\n\nSo it is \\boxed{26}.\n</think>"


def solve(server: FakeServer, **settings: Any) -> Result:
    return solve_by("RFT", server, BaselineSettings(**settings))


def test_one_call_gives_text_and_answer(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(THOUGHT)
    result = solve(fake_server)
    assert result.text == result.response == THOUGHT
    assert (result.answer, result.faults, result.problem) == ("26", (), PROBLEM)
    (call,) = result.calls
    assert (call.role, call.phase, call.prompt, call.kept) == ("solver", 0, 0, True)
    assert 0 <= call.started <= call.first_token <= call.finished <= result.elapsed + 1e-4
    assert call.completion_tokens > 0


def test_context_is_the_question_and_an_open_thought(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(THOUGHT)
    solve(fake_server, max_tokens=77, temperature=0.1, top_p=0.7)
    body = fake_server.requests[0].body
    assert body["prompt"] == planner_context(INSTRUCTION, QUESTION)
    assert (body["max_tokens"], body["temperature"], body["top_p"]) == (77, 0.1, 0.7)


def test_an_answer_without_a_box_is_none(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("It is 26.\n</think>")
    assert solve(fake_server).answer == ""


def test_an_answer_that_is_cut_off_is_none(fake_server: FakeServer) -> None:
    """Also where a box stands in it: it is not what was concluded."""
    fake_server.script = lambda _: Reply.of("First I think \\boxed{25}. Wait, let me check that.")
    result = solve(fake_server, max_tokens=8)
    assert result.answer == ""
    assert result.text == "First I think \\boxed{25}. Wait, "
    assert result.faults == ("the answer was cut off at its token limit",)
    assert result.calls[0].finish_reason == "length"


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.ERROR_EVENT])
def test_a_stream_that_breaks_is_asked_again(fake_server: FakeServer, fault: Fault) -> None:
    replies = iter([Reply.of("2*3=6 and 4*5=20.", fault), Reply.of(THOUGHT)])
    fake_server.script = lambda _: next(replies)
    result = solve(fake_server)
    assert (result.text, result.answer) == (THOUGHT, "26")
    assert [(call.attempt, call.kept) for call in result.calls] == [(1, False), (2, True)]
    assert result.faults[0].startswith("attempt 1: ")


def test_a_call_that_keeps_failing_leaves_no_answer(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(500, "out of memory")
    result = solve(fake_server, max_attempts=2)
    assert (result.text, result.answer) == ("", "")
    assert len(result.faults) == len(result.calls) == len(fake_server.requests) == CALLS.tries
    assert not any(call.kept for call in result.calls)
    assert not result.final


def test_an_answer_that_came_late_is_final(fake_server: FakeServer) -> None:
    replies = iter([Refusal(502), Reply.of(THOUGHT)])
    fake_server.script = lambda _: next(replies)
    assert solve(fake_server).final


def test_an_answer_without_a_box_may_stand_after_the_thought(fake_server: FakeServer) -> None:
    """As a SPRINT final answer may be without one."""
    fake_server.script = lambda _: Reply.of("6 and 20.\n</think>\n\nIt is 26.\n")
    assert solve(fake_server).answer == "26"


def test_a_thought_with_another_tag_and_no_end_is_no_answer(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("<b>6</b> and 20, so 26.")
    assert solve(fake_server).answer == ""


def test_a_dead_server_is_a_server_error(fake_server: FakeServer) -> None:
    fake_server.stop()
    with pytest.raises(ServerError, match="Cannot reach a model server"):
        solve(fake_server)
