"""SPRINT inference of one problem where all goes well: order, contexts, ledger, result."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from sprint.utils.grammar import (
    planner_context,
    published_executor_context,
    render,
    whole_answer,
    written_phases,
)
from sprint.utils.records import Phase, PlanSegment, Trajectory
from support.fake_server import Answer, FakeServer, Reply, Request
from support.scripts import (
    INSTRUCTION,
    PROBLEM,
    QUESTION,
    TRAJECTORY,
    Scripted,
    calls_of,
    executor_call,
    planner_call,
)
from support.solving import kept, solve


def test_result_is_the_scripted_trajectory(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    assert result.text == result.response == render(TRAJECTORY)
    assert result.answer == "26"
    assert result.faults == ()
    assert result.problem is PROBLEM


def test_answer_without_a_box_is_the_whole_text(fake_server: FakeServer) -> None:
    boxless = replace(TRAJECTORY, final_answer="All went well.")
    fake_server.script = Scripted(calls_of(boxless))
    assert solve(fake_server).answer == "All went well."


def test_an_answer_at_once_may_hold_the_whole_thought(fake_server: FakeServer) -> None:
    thought = "2*3=6, so x = 6.\n\n-----\n\n4*5=20, and 6+20=26."
    whole = Trajectory(QUESTION, (), whole_answer(thought, "The sum is \\boxed{26}."))
    fake_server.script = Scripted(calls_of(whole))
    result = solve(fake_server)
    assert result.text == render(whole)
    assert (result.answer, result.faults, kept(result)) == ("26", (), [("planner", 1, 0)])


def test_every_call_is_made_once_and_kept(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    assert sorted(kept(result)) == sorted(
        (call.role, call.phase, call.number) for call in calls_of()
    )
    assert len(result.calls) == len(fake_server.requests) == len(calls_of())


def test_calls_of_one_phase_follow_those_of_the_last(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    phases = [phase for _, phase, _ in kept(solve(fake_server))]
    assert phases == sorted(phases)


def test_ledger_times_are_in_order(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    for call in result.calls:
        assert 0 <= call.started <= call.first_token <= call.finished <= result.elapsed + 1e-4


def test_ledger_has_the_tokens_of_the_server(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    longest = max(result.calls, key=lambda call: call.prompt_tokens)
    assert (longest.role, longest.phase) == ("planner", 4)
    assert all(call.completion_tokens > 0 for call in result.calls)
    assert {call.finish_reason for call in result.calls} == {"stop"}


@pytest.mark.parametrize("number", [1, 2])
def test_executor_starts_when_its_prompt_closes(fake_server: FakeServer, number: int) -> None:
    """Not a character comes after the closing tag until the executor has asked."""
    asked = fake_server.gate()
    scripted = Scripted(calls_of())
    head, closing, tail = planner_call(1).completion.partition(f"</prompt_1.{number}>")
    scripted.set(planner_call(1).context, Reply.of(head + closing, asked, tail))

    def script(request: Request) -> Answer:
        if request.context == executor_call(1, number).context:
            asked.open()
        return scripted(request)

    fake_server.script = script
    assert solve(fake_server).text == render(TRAJECTORY)
    (executor,) = fake_server.asked(executor_call(1, number).context)
    planner = fake_server.requests[0]
    assert planner.left is not None
    assert executor.arrived < planner.left


def test_behind_a_barrier_executors_wait_for_the_whole_plan(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    assert solve(fake_server, dispatch="barrier").text == render(TRAJECTORY)
    planner = fake_server.requests[0]
    assert planner.left is not None
    for number in (1, 2):
        (executor,) = fake_server.asked(executor_call(1, number).context)
        assert executor.arrived > planner.left


@pytest.mark.parametrize("names_stops", [True, False])
@pytest.mark.parametrize("include_stop", ["honoured", "ignored", "refused"])
def test_every_kind_of_server_gives_the_same_result(
    fake_server: FakeServer,
    include_stop: Literal["honoured", "ignored", "refused"],
    names_stops: bool,
) -> None:
    fake_server.include_stop, fake_server.names_stops = include_stop, names_stops
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    assert (result.text, result.faults) == (render(TRAJECTORY), ())
    assert all(call.kept and call.completion_tokens for call in result.calls)


def test_executors_run_at_the_same_time(fake_server: FakeServer) -> None:
    """No executor of a phase is answered before all of them have asked."""
    all_asked = fake_server.gate()
    scripted = Scripted(calls_of())
    waiting = {executor_call(1, 1).context, executor_call(1, 2).context}

    async def script(request: Request) -> Answer:
        if request.context in (executor_call(1, 1).context, executor_call(1, 2).context):
            waiting.discard(request.context)
            if not waiting:
                all_asked.open()
            await all_asked.wait()
        return scripted(request)

    fake_server.script = script
    assert solve(fake_server).text == render(TRAJECTORY)
    assert fake_server.peak >= 2


def test_results_are_joined_in_prompt_order(fake_server: FakeServer) -> None:
    """The second executor ends first."""
    second_is_done = fake_server.gate()
    scripted = Scripted(calls_of())

    async def script(request: Request) -> Answer:
        if request.context == executor_call(1, 1).context:
            await second_is_done.wait()
        if request.context == executor_call(1, 2).context:
            second_is_done.open()
        return scripted(request)

    fake_server.script = script
    assert solve(fake_server).text == render(TRAJECTORY)


def test_executor_sees_the_planners_own_bytes(fake_server: FakeServer) -> None:
    """Also where the planner does not write as `render` would."""
    sloppy = "<PLAN_1>\n\n  First:  <prompt_9.7>Work out 2*3.\n</Prompt_1.1>"
    scripted = Scripted(calls_of())
    scripted.set(planner_call(1).context, Reply.of(f"{sloppy}\n\nand that is all.\n</Plan_1>"))
    joined = Trajectory(
        QUESTION,
        (
            Phase(
                (PlanSegment("First:", "Work out 2*3."), PlanSegment("and that is all.")), ("6.",)
            ),
        ),
        "\\boxed{6}",
    )
    for call in calls_of(joined)[2:]:
        scripted.set(call.context, Reply.of(call.completion))
    expected = f"{planner_call(1).context}{sloppy}\n</Plan_1>\n\n<Execution_1>\n<execution_1.1>\n"
    scripted.set(expected, Reply.of("6.\n</execution_1.1>"))
    fake_server.script = scripted
    assert solve(fake_server).text == render(joined)


def test_published_context_waits_for_the_whole_plan(fake_server: FakeServer) -> None:
    scripted = Scripted([call for call in calls_of() if call.role == "planner"])
    executors: dict[str, int] = {}
    for number, phase in enumerate(TRAJECTORY.phases, 1):
        context = planner_call(number).context
        for order, execution in enumerate(phase.executions, 1):
            asked = published_executor_context(context, phase.plan, number, order)
            scripted.set(asked, Reply.of(f"{execution}\n</execution_{number}.1>"))
            executors[asked] = number
    fake_server.script = scripted
    assert solve(fake_server, executor_context="published").text == render(TRAJECTORY)
    planners = [request for request in fake_server.requests if request.context not in executors]
    for request in fake_server.requests:
        if request.context in executors:
            plan_ended = planners[executors[request.context] - 1].left
            assert plan_ended is not None
            assert plan_ended < request.arrived
            assert f"</execution_{executors[request.context]}.1>" in request.body["stop"]


def test_planner_and_executors_on_two_servers(fake_server: FakeServer) -> None:
    fake_server.script = Scripted([call for call in calls_of() if call.role == "planner"])
    with FakeServer() as executors:
        executors.script = Scripted([call for call in calls_of() if call.role == "executor"])
        result = solve(fake_server, executor_url=executors.url)
    assert result.text == render(TRAJECTORY)
    assert len(executors.requests) == 3


def test_a_plan_closed_with_another_number_ends_there(fake_server: FakeServer) -> None:
    """No stop string hits `</Plan_8>`: the reader sees it and closes the request."""
    scripted = Scripted(calls_of())
    call = planner_call(1)
    misnumbered = call.completion.replace("</Plan_1>", "</Plan_8>")
    scripted.set(call.context, Reply.of(misnumbered, "\n" + " " * 80, fake_server.gate()))
    fake_server.script = scripted
    result = solve(fake_server)
    assert (result.text, result.faults) == (render(TRAJECTORY), ())


def test_tokens_of_a_request_that_was_closed_early_are_counted(fake_server: FakeServer) -> None:
    """Such a request has no usage from the server."""
    scripted = Scripted(calls_of())
    call = planner_call(1)
    misnumbered = call.completion.replace("</Plan_1>", "</Plan_8>")
    scripted.set(call.context, Reply.of(misnumbered, "\n" + " " * 80, fake_server.gate()))
    fake_server.script = scripted
    first = next(call for call in solve(fake_server).calls if call.role == "planner")
    assert first.completion_tokens > 0


@pytest.mark.parametrize("limit", [2, 3])
def test_at_the_last_phase_the_final_answer_is_forced(fake_server: FakeServer, limit: int) -> None:
    scripted = Scripted(calls_of())
    written = TRAJECTORY.phases[: limit - 1]
    context = planner_context(INSTRUCTION, QUESTION, written_phases(written))
    answer = "It must be \\boxed{25}."
    scripted.set(f"{context}<Final_answer>\n", Reply.of(f"{answer}\n</Final_answer>"))
    fake_server.script = scripted
    result = solve(fake_server, max_phases=limit)
    assert result.text == render(Trajectory(QUESTION, written, answer))
    assert result.answer == "25"
    assert fake_server.requests[-1].context.endswith("<Final_answer>\n")
