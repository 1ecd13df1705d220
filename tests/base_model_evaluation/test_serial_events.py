"""What is told while a problem is being solved serially."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sprint.base_model_evaluation import BaselineSettings, SerialSolver
from sprint.utils.api.server import ModelServer
from sprint.utils.methods.events import AnswerText, CutShort, Discarded, Event, ThoughtText
from sprint.utils.records import Result
from support.fake_server import MODEL, FakeServer, Fault, Reply
from support.limits import PATIENCE
from support.scripts import PROBLEM


def told(
    server: FakeServer, *, deadline: float = 0.0, problem_tokens: int = 0, **settings: Any
) -> tuple[list[Event], Result]:
    events = list[Event]()

    def hear(event: Event) -> bool:
        events.append(event)
        return False

    async def main() -> Result:
        async with asyncio.timeout(PATIENCE), ModelServer(server.url, MODEL) as servers:
            prompts = {"base_model_prompt": "Solve it."}
            solver = SerialSolver(servers, prompts, BaselineSettings(**settings), think=True)
            return await solver.solve(
                PROBLEM, hear, deadline=deadline, problem_tokens=problem_tokens
            )

    return events, asyncio.run(main())


def text_of(events: list[Event], kind: type[ThoughtText] | type[AnswerText]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


def test_a_thought_and_the_answer_behind_it(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2*3 is 6.\n</think>\n\nIt is \\boxed{26}.")
    events, result = told(fake_server)
    assert text_of(events, ThoughtText) == "2*3 is 6."
    assert text_of(events, AnswerText) == "It is \\boxed{26}."
    assert result.answer == "26"


@pytest.mark.parametrize("ending", ["\n</think>", ""])
def test_an_answer_within_the_thought_is_its_last_paragraph(
    fake_server: FakeServer, ending: str
) -> None:
    """As RFT models write it."""
    fake_server.script = lambda _: Reply.of(f"2*3 is 6.\n\nIt is \\boxed{{26}}.{ending}")
    events, result = told(fake_server)
    assert text_of(events, AnswerText) == "It is \\boxed{26}."
    assert result.answer == "26"


def test_a_box_further_up_is_not_lost(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("It is \\boxed{26}.\n\nThat was easy.\n</think>")
    assert "\\boxed{26}" in text_of(told(fake_server)[0], AnswerText)


def test_a_reply_that_was_cut_has_no_answer(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2*3 is 6. " * 40)
    events, _ = told(fake_server, max_tokens=8)
    assert text_of(events, AnswerText) == ""


def test_a_broken_reply_is_told_to_be_discarded(fake_server: FakeServer) -> None:
    replies = [Reply.of("2*3", Fault.CUT), Reply.of("2*3 is 6.\n</think>\n6")]
    fake_server.script = lambda _: replies.pop(0)
    events, _ = told(fake_server)
    assert sum(isinstance(event, Discarded) for event in events) == 1
    assert text_of(events, AnswerText) == "6"


def test_the_deadline_ends_it(fake_server: FakeServer) -> None:
    never = fake_server.gate()
    fake_server.script = lambda _: Reply.of("2*3 is 6.", never)
    events, result = told(fake_server, deadline=0.2)
    assert isinstance(events[-1], CutShort)
    assert result.answer == ""


def test_the_seed_is_sent(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("6</think>6")
    told(fake_server, seed=7)
    told(fake_server, seed=7)
    told(fake_server)
    seeds = [request.body.get("seed") for request in fake_server.requests]
    assert seeds[0] == seeds[1] is not None
    assert seeds[2] is None


def test_a_token_limit_covers_all_attempts(fake_server: FakeServer) -> None:
    """The empty first reply has a token, so the second may have one less."""
    replies = [Reply.of("</think>"), Reply.of("2*3 is 6.\n</think>\n6")]
    fake_server.script = lambda _: replies.pop(0)
    _, result = told(fake_server, problem_tokens=5)
    spent = result.calls[0].completion_tokens
    limits = [request.body["max_tokens"] for request in fake_server.requests]
    assert spent > 0
    assert limits == [5, 5 - spent]


def test_a_token_limit_leaves_the_text_of_a_reply_that_reaches_it(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2*3 is 6. " * 40)
    events, result = told(fake_server, problem_tokens=5)
    assert text_of(events, ThoughtText)
    assert result.text
    assert result.answer == ""


def test_without_tokens_left_there_is_no_further_attempt(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("</think>")
    events, result = told(fake_server, problem_tokens=2)
    assert len(fake_server.requests) == 1
    assert isinstance(events[-1], CutShort)
    assert not events[-1].by_deadline
    assert "limit of 2 tokens" in result.faults[-1]
