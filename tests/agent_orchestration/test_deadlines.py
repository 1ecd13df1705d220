"""What takes too long is cut, says so, and its request is closed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.executor import NO_RESULT
from sprint.agent_orchestration.solver import SprintSolver
from sprint.utils.api.completion import Completion
from sprint.utils.errors import CutError
from sprint.utils.grammar import render
from sprint.utils.records import Trajectory
from support.fake_server import MODEL, Answer, FakeServer, Reply, State
from support.limits import PATIENCE
from support.scripts import (
    INSTRUCTION,
    PROBLEM,
    TRAJECTORY,
    Scripted,
    calls_of,
    executor_call,
    planner_call,
)
from support.solving import discarded, solve

SLOW, PLAN = executor_call(1, 1), planner_call(1)
DEADLINE = 2.0
"""Seconds. Nothing but the scripted hang takes as long on a machine that is slow and busy."""


def with_first_execution(text: str) -> Trajectory:
    phase, *others = TRAJECTORY.phases
    first = replace(phase, executions=(text, *phase.executions[1:]))
    return replace(TRAJECTORY, phases=(first, *others))


def scripted(trajectory: Trajectory, context: str, *replies: Answer) -> Scripted:
    script = Scripted(calls_of(trajectory))
    script.set(context, *replies)
    return script


def test_a_straggler_is_cut_and_the_plan_goes_on(fake_server: FakeServer) -> None:
    cut = with_first_execution("2*3=\n\nThis task was cut off after 2 s.")
    hang = Reply.of("2*3=", fake_server.gate())
    fake_server.script = scripted(cut, SLOW.context, hang)
    result = solve(fake_server, executor_deadline=DEADLINE)
    assert result.text == render(cut)
    assert result.answer == "26"
    assert result.faults == ("execution 1.1: it did not finish within 2 s",)
    (request,) = fake_server.asked(SLOW.context)
    assert request.final_state is State.ABORTED


def test_a_straggler_that_said_nothing_says_that_it_was_cut(fake_server: FakeServer) -> None:
    cut = with_first_execution("This task was cut off after 2 s.")
    fake_server.script = scripted(cut, SLOW.context, Reply.of(fake_server.gate()))
    assert solve(fake_server, executor_deadline=DEADLINE).text == render(cut)


def test_a_call_that_takes_too_long_is_repeated(fake_server: FakeServer) -> None:
    hang = Reply.of("2*3=", fake_server.gate())
    fake_server.script = scripted(TRAJECTORY, SLOW.context, hang, Reply.of(SLOW.completion))
    result = solve(fake_server, call_deadline=DEADLINE)
    assert result.text == render(TRAJECTORY)
    (call,) = discarded(result)
    assert (call.role, call.prompt, call.error) == ("executor", 1, "it did not finish within 2 s")


def test_an_executor_whose_calls_all_take_too_long_has_no_result(fake_server: FakeServer) -> None:
    without = with_first_execution(NO_RESULT)
    hang = Reply.of("2*3=", fake_server.gate())
    fake_server.script = scripted(without, SLOW.context, hang)
    result = solve(fake_server, call_deadline=DEADLINE, max_attempts=2)
    assert result.text == render(without)


def test_a_plan_that_takes_too_long_is_asked_for_again(fake_server: FakeServer) -> None:
    hang = Reply.of("<Plan_1>", fake_server.gate())
    fake_server.script = scripted(TRAJECTORY, PLAN.context, hang, Reply.of(PLAN.completion))
    result = solve(fake_server, call_deadline=DEADLINE)
    assert result.text == render(TRAJECTORY)
    assert result.faults == ("plan 1, attempt 1: it did not finish within 2 s",)


@pytest.mark.parametrize("phases", [0, 1])
def test_a_problem_ends_at_its_deadline_with_the_phases_it_has(
    fake_server: FakeServer, phases: int
) -> None:
    hang = Reply.of("<Plan", fake_server.gate())
    fake_server.script = scripted(TRAJECTORY, planner_call(phases + 1).context, hang)
    result = solve(fake_server, problem_deadline=2 * DEADLINE)
    ended = replace(TRAJECTORY, phases=TRAJECTORY.phases[:phases], final_answer=None)
    assert result.text == render(ended)
    assert result.answer == ""
    assert result.faults == ("the problem reached its deadline of 4 s",)
    assert fake_server.requests[-1].final_state is State.ABORTED


def test_the_ledger_knows_when_a_prompt_was_there(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    executors = [call for call in solve(fake_server).calls if call.role == "executor"]
    for call in executors:
        assert call.ready is not None
        assert call.ready <= call.started


def test_a_server_that_says_nothing_makes_no_final_result(fake_server: FakeServer) -> None:
    """The same command should ask for the problem again."""
    fake_server.script = scripted(TRAJECTORY, PLAN.context, Reply.of(fake_server.gate()))
    result = solve(fake_server, call_deadline=0.1, max_attempts=2)
    assert (result.answer, result.final) == ("", False)


def test_the_calls_of_an_unfinished_phase_are_not_kept(fake_server: FakeServer) -> None:
    """Their text is in no trajectory, so it counts as discarded."""
    hang = Reply.of("2*3=", fake_server.gate())
    fake_server.script = scripted(TRAJECTORY, SLOW.context, hang)
    result = solve(fake_server, problem_deadline=2 * DEADLINE)
    assert result.calls
    assert not any(call.kept for call in result.calls)


class Closing:
    """A server whose plan fails while an executor runs, whose connection takes a while to close."""

    model = MODEL

    def __init__(self) -> None:
        self.begun, self.closing, self.closed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.plans = 0

    @contextmanager
    def for_problem(self, _: str) -> Iterator[Closing]:
        yield self

    async def complete(
        self, prompt: str, sampling: object, on_text: Callable[[str], bool], **_: object
    ) -> Completion:
        if "<execution_1." in prompt:
            self.begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                self.closing.set()
                await self.closed.wait()
        self.plans += 1
        on_text("<Plan_1>\n<prompt_1.1> do </prompt_1.1>")
        await self.begun.wait()
        raise CutError("cut")


def test_an_end_from_outside_is_not_lost_in_a_plan_that_fails() -> None:
    """A deadline that falls there would go on with the next attempt."""

    async def main() -> int:
        server = Closing()
        solver = SprintSolver(server, server, INSTRUCTION, SprintSettings(max_attempts=2))  # type: ignore[arg-type]
        async with asyncio.timeout(PATIENCE):
            solving = asyncio.create_task(solver.solve(PROBLEM))
            await server.closing.wait()
            solving.cancel()
            server.closed.set()
            with pytest.raises(asyncio.CancelledError):
                await solving
        return server.plans

    assert asyncio.run(main()) == 1
