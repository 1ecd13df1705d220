"""Servers that have chat alone: the context is a message that the model is asked to continue."""

from __future__ import annotations

import asyncio

import pytest
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.chat_server import ChatServer
from sprint.utils.grammar import render
from sprint.utils.records import Result
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request
from support.limits import PATIENCE
from support.scripts import (
    INSTRUCTION,
    PROBLEM,
    TRAJECTORY,
    Scripted,
    calls_of,
    ending_after_its_first_executor,
)

CONTINUE = "Go on with this."


def solve_by_chat(server: FakeServer, **settings: int) -> Result:
    async def main() -> Result:
        async with (
            asyncio.timeout(PATIENCE),
            ChatServer(server.url, MODEL, CONTINUE, timeout=PATIENCE) as client,
        ):
            solver = SprintSolver(client, client, INSTRUCTION, SprintSettings(**settings))
            return await solver.solve(PROBLEM)

    return asyncio.run(main())


class Continuing:
    """Answers a message as the script answers the context that stands in it."""

    def __init__(self, before: str = "") -> None:
        self.scripted, self.before = Scripted(calls_of()), before

    def __call__(self, request: Request) -> Answer:
        instruction, _, context = request.context.partition("\n\n")
        assert instruction == CONTINUE
        (answer,) = self.scripted.replies[context]
        assert isinstance(answer, Reply)
        return Reply.of(self.before + answer.text)


@pytest.mark.parametrize("names_stops", [True, False])
def test_a_problem_is_solved_by_chat(fake_server: FakeServer, names_stops: bool) -> None:
    fake_server.script, fake_server.names_stops = Continuing(), names_stops
    result = solve_by_chat(fake_server)
    assert result.text == render(TRAJECTORY)
    assert result.faults == ()
    assert all("messages" in request.body for request in fake_server.requests)
    assert all(call.completion_tokens for call in result.calls)


def test_executors_start_while_the_plan_is_written(fake_server: FakeServer) -> None:
    gate = fake_server.gate()
    fake_server.script = ending_after_its_first_executor(Continuing(), gate)
    assert solve_by_chat(fake_server).text == render(TRAJECTORY)


def test_a_final_answer_may_repeat_the_tag_that_it_was_given(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("<Final_answer>\n26\n</Final_answer>")
    result = solve_by_chat(fake_server, max_phases=1)
    assert (result.answer, result.faults) == ("26", ())
