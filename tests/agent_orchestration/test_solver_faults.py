"""SPRINT inference of one problem where something goes wrong: nothing hangs, all is accounted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sprint.agent_orchestration.executor import NO_RESULT
from sprint.utils.api.retry import CALLS
from sprint.utils.api.sampling import RETRY_TEMPERATURE
from sprint.utils.errors import FormatError, RefusedError, ServerError, TooLongError
from sprint.utils.grammar import render
from sprint.utils.records import Trajectory
from support.fake_server import (
    INCLUDE_STOP,
    TOKEN,
    Answer,
    FakeServer,
    Fault,
    Refusal,
    Reply,
    Request,
    State,
)
from support.scripts import (
    PROBLEM,
    QUESTION,
    TRAJECTORY,
    Scripted,
    calls_of,
    executor_call,
    planner_call,
)
from support.solving import discarded, solve

PLAN = planner_call(1)
FIRST = executor_call(1, 1)
FORCED = f"{PLAN.context}<Final_answer>\n"
GUESS = Reply.of("Perhaps \\boxed{26}.\n</Final_answer>")

MALFORMED = [
    "Let me think about this without any tag.",
    "<Plan_1>\n</Plan_1>",
    "<Plan_1>\nOne. <prompt_1.1> Work out 2*3.\n</Plan_1>",
    "<Plan_1>\nOne. <prompt_1.1> </prompt_1.1>\n</Plan_1>",
    "<Plan_1>\nOne, and the end of text comes too early.",
    "<Plan_1>\nOne.\n\n<Execution_1>\nNo prompt to execute.",
    "</Plan_1>",
    "",
]


def test_a_malformed_plan_is_asked_again_and_counted(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, Reply.of("No tag at all."), Reply.of(PLAN.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    (attempt,) = discarded(result)
    assert (attempt.role, attempt.phase, attempt.attempt) == ("planner", 1, 1)
    assert "should open with <Plan_1>" in attempt.error
    assert attempt.completion_tokens > 0
    assert len(result.faults) == 1
    assert result.faults[0].startswith("plan 1, attempt 1: ")


@pytest.mark.parametrize("plan", MALFORMED)
def test_every_malformed_plan_is_asked_again(fake_server: FakeServer, plan: str) -> None:
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, Reply.of(plan), Reply.of(PLAN.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert [(call.role, call.attempt) for call in discarded(result)] == [("planner", 1)]


def test_a_plan_ends_at_its_empty_prompt(fake_server: FakeServer) -> None:
    """Nothing works on what cannot be kept, nor is the rest of the plan waited for."""
    scripted = Scripted(calls_of())
    hang = Reply.of("<Plan_1>\nOne. <prompt_1.1> \n</prompt_1.1>", fake_server.gate())
    scripted.set(PLAN.context, hang, Reply.of(PLAN.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    (fault,) = result.faults
    assert "empty prompt 1" in fault
    assert fake_server.requests[0].final_state is State.ABORTED


@pytest.mark.parametrize("dispatch", ["eager", "barrier"])
def test_an_executor_without_a_server_ends_the_run(fake_server: FakeServer, dispatch: str) -> None:
    """Also where the plan has ended by then: the problem must not be passed over in silence."""
    scripted = Scripted(calls_of())
    for number in (1, 2):
        scripted.set(executor_call(1, number).context, Refusal(401, "no such key"))
    fake_server.script = scripted
    with pytest.raises(ServerError, match="no such key"):
        solve(fake_server, dispatch=dispatch)


def test_executors_of_a_malformed_plan_are_cancelled(fake_server: FakeServer) -> None:
    """The first executor hangs; the plan that started it goes wrong after it has asked."""
    asked = fake_server.gate()
    cut = PLAN.completion.index("Work out 4*5.")
    malformed = Reply.of(PLAN.completion[:cut], asked, "an end that comes too early\n</Plan_1>")
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, malformed, Reply.of(PLAN.completion))
    scripted.set(FIRST.context, Reply.of(fake_server.gate()), Reply.of(FIRST.completion))

    def script(request: Request) -> Answer:
        if request.context == FIRST.context:
            asked.open()
        return scripted(request)

    fake_server.script = script
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert fake_server.asked(FIRST.context)[0].final_state is State.ABORTED
    thrown_away = {(call.role, call.phase, call.prompt) for call in discarded(result)}
    assert thrown_away == {("planner", 1, 0), ("executor", 1, 1)}
    executor = next(call for call in discarded(result) if call.role == "executor")
    assert executor.error == "cancelled"
    assert executor.started <= executor.finished


def test_a_planner_that_stays_malformed_is_made_to_answer(fake_server: FakeServer) -> None:
    scripted = Scripted([])
    scripted.set(PLAN.context, Reply.of("No tag at all."))
    scripted.set(FORCED, GUESS)
    fake_server.script = scripted
    result = solve(fake_server, max_attempts=2)
    assert result.text == render(Trajectory(QUESTION, (), "Perhaps \\boxed{26}."))
    assert result.answer == "26"
    assert len(fake_server.asked(PLAN.context)) == len(discarded(result)) == 2
    assert len(result.faults) == 2


def test_a_planner_that_gives_no_answer_either(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("<Plan_1>")
    result = solve(fake_server, max_attempts=2)
    assert result.answer == ""
    assert result.text == render(Trajectory(QUESTION, (), None))
    assert [call.attempt for call in result.calls] == [1, 2, 1, 2]
    assert not any(call.kept for call in result.calls)
    assert len(result.faults) == 4


def test_a_planner_that_is_not_answered_is_asked_by_the_next_run(fake_server: FakeServer) -> None:
    """An outage is no answer of the model's; it is not made to answer early either."""
    fake_server.script = lambda _: Refusal(502, "bad gateway")
    result = solve(fake_server, max_attempts=2)
    assert not result.final
    assert len(fake_server.asked(PLAN.context)) == len(fake_server.requests) == CALLS.tries


def test_a_planner_that_writes_nonsense_is_not_asked_by_the_next_run(
    fake_server: FakeServer,
) -> None:
    replies = iter([Refusal(502), *[Reply.of("No tag.")] * 3])
    fake_server.script = lambda _: next(replies)
    assert solve(fake_server, max_attempts=2).final


def test_a_forced_answer_that_does_not_come_is_asked_by_the_next_run(
    fake_server: FakeServer,
) -> None:
    scripted = Scripted([])
    scripted.set(PLAN.context, Reply.of("No tag at all."))
    scripted.set(FORCED, Refusal(502))
    fake_server.script = scripted
    assert not solve(fake_server, max_attempts=2).final


def test_retries_are_hotter(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, Reply.of("No tag."), Reply.of(PLAN.completion))
    scripted.set(FIRST.context, Reply.of("</execution_1.1>"), Reply.of(FIRST.completion))
    fake_server.script = scripted
    solve(fake_server, temperature=0.0)
    for context in (PLAN.context, FIRST.context):
        temperatures = [request.temperature for request in fake_server.asked(context)]
        assert temperatures == [0.0, RETRY_TEMPERATURE]


def test_what_failed_on_its_way_is_asked_for_as_before(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, Reply.of("<Plan_1>", Fault.CUT), Reply.of(PLAN.completion))
    scripted.set(FIRST.context, Refusal(500), Reply.of(FIRST.completion))
    fake_server.script = scripted
    result = solve(fake_server, temperature=0.0)
    assert result.text == render(TRAJECTORY)
    assert {request.temperature for request in fake_server.requests} == {0.0}


def test_retries_are_never_colder(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(PLAN.context, Reply.of("No tag."), Reply.of(PLAN.completion))
    fake_server.script = scripted
    solve(fake_server, temperature=0.9)
    assert {request.temperature for request in fake_server.requests} == {0.9}


def without_first_execution() -> Trajectory:
    first = replace(
        TRAJECTORY.phases[0], executions=(NO_RESULT, TRAJECTORY.phases[0].executions[1])
    )
    return replace(TRAJECTORY, phases=(first, *TRAJECTORY.phases[1:]))


def test_an_executor_that_fails_for_good_has_no_result(fake_server: FakeServer) -> None:
    expected = without_first_execution()
    scripted = Scripted([*calls_of(), *calls_of(expected)])
    scripted.set(FIRST.context, Refusal(500, "out of memory"))
    fake_server.script = scripted
    result = solve(fake_server, max_attempts=2)
    assert result.text == render(expected)
    assert result.answer == "26"
    attempts = range(1, CALLS.tries + 1)
    assert [fault.split(":")[0] for fault in result.faults] == [
        f"execution 1.1, attempt {attempt}" for attempt in attempts
    ]
    failed = discarded(result)
    assert [(call.prompt, call.attempt) for call in failed] == [(1, it) for it in attempts]
    assert all("out of memory" in call.error for call in failed)


@pytest.mark.parametrize("ending", ["abort", "error", None])
def test_an_execution_that_the_server_gives_up_is_asked_again_and_never_stands(
    fake_server: FakeServer, ending: str | None
) -> None:
    given_up = Reply(("2*3=",), ending=ending)
    scripted = Scripted(calls_of())
    scripted.set(FIRST.context, given_up, Reply.of(FIRST.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert (result.text, result.final) == (render(TRAJECTORY), True)


@pytest.mark.parametrize("attempts", [[True, True], [True, False]], ids=["all", "one of them"])
def test_a_problem_that_lacks_an_execution_since_its_server_failed_is_not_final(
    fake_server: FakeServer, attempts: list[bool]
) -> None:
    """It has an answer, but not that of a server that is well."""
    given_up, empty = Reply(("2*3=",), ending="abort"), Reply.of("</execution_1.1>")
    expected = without_first_execution()
    scripted = Scripted([*calls_of(), *calls_of(expected)])
    scripted.set(FIRST.context, *(given_up if lost else empty for lost in attempts))
    fake_server.script = scripted
    result = solve(fake_server, max_attempts=2)
    assert (result.text, result.answer, result.final) == (render(expected), "26", False)


def test_an_executor_that_fails_once_is_asked_again(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(FIRST.context, Reply.of("2*3", Fault.ERROR_EVENT), Reply.of(FIRST.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert [(call.role, call.attempt) for call in discarded(result)] == [("executor", 1)]


def test_an_execution_that_is_cut_off_is_marked(fake_server: FakeServer) -> None:
    endless = "4*5=20. " * 5 * TOKEN  # 40 tokens
    first = replace(TRAJECTORY.phases[0], executions=("2*3=6.", endless.strip()))
    expected = replace(TRAJECTORY, phases=(first, *TRAJECTORY.phases[1:]))
    scripted = Scripted(calls_of(expected))
    scripted.set(executor_call(1, 2).context, Reply.of(endless, "and so on"))
    fake_server.script = scripted
    result = solve(fake_server, execution_tokens=40)
    assert result.text == render(expected)
    assert result.faults == ("execution 1.2 reached its token limit",)


def test_a_stream_that_breaks_in_a_plan_is_asked_again(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    broken = Reply.of(PLAN.completion[:120], Fault.CUT)
    scripted.set(PLAN.context, broken, Reply.of(PLAN.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert "broke off" in discarded(result)[0].error


def test_a_plan_longer_than_its_tokens_is_malformed(fake_server: FakeServer) -> None:
    scripted = Scripted([])
    scripted.set(PLAN.context, Reply.of(f"<Plan_1>\n{'on and on ' * 99}"))
    scripted.set(FORCED, GUESS)
    fake_server.script = scripted
    result = solve(fake_server, plan_tokens=20, max_attempts=1)
    (attempt,) = discarded(result)
    assert (attempt.completion_tokens, attempt.finish_reason) == (20, "length")
    assert result.answer == "26"


def test_a_final_answer_that_is_cut_off_is_none(fake_server: FakeServer) -> None:
    answer = planner_call(4)
    scripted = Scripted(calls_of())
    scripted.set(answer.context, Reply.of("<Final_answer>\nIt is \\boxed{26}, because of that"))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.answer == ""
    assert result.text == render(replace(TRAJECTORY, final_answer=None))
    assert result.faults == ("the final answer was cut off",)


def test_too_many_prompts_are_malformed(fake_server: FakeServer) -> None:
    """The plan is closed as soon as it has one prompt too many, though it would go on forever."""
    prompts = "\n\n".join(f"<prompt_1.{k}> Work out {k}. </prompt_1.{k}>" for k in (1, 2, 3))
    endless = Reply.of(f"<Plan_1>\n{prompts}{' ' * 40}", fake_server.gate())
    scripted = Scripted([])
    scripted.set(PLAN.context, endless)
    scripted.set(FORCED, GUESS)

    def script(request: Request) -> Answer:
        if request.context in (PLAN.context, FORCED):
            return scripted(request)
        return Reply.of("It has a result.\n</execution_1.1>")

    fake_server.script = script
    result = solve(fake_server, max_prompts=2, max_attempts=1)
    assert result.faults == ("plan 1, attempt 1: Plan 1 has over 2 prompts",)
    assert fake_server.asked(PLAN.context)[0].final_state is State.ABORTED
    assert all(call.role == "planner" for call in result.calls if call.kept)


def test_prompts_outside_a_plan_start_nothing_that_counts(fake_server: FakeServer) -> None:
    asked = fake_server.gate()
    head = f"<Final_answer>\n<prompt_1.1> Work out 2*3. </prompt_1.1>{' ' * 40}"
    scripted = Scripted(calls_of())
    scripted.set(
        PLAN.context, Reply.of(head, asked, "\n</Final_answer>"), Reply.of(PLAN.completion)
    )

    def script(request: Request) -> Answer:
        if request.context in scripted.replies:
            return scripted(request)
        asked.open()
        return Reply.of("6\n</execution_1.1>")

    fake_server.script = script
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert {(call.role, call.phase) for call in discarded(result)} == {
        ("planner", 1),
        ("executor", 1),
    }


def test_a_context_that_is_too_long_leaves_a_result_without_answer(fake_server: FakeServer) -> None:
    third = planner_call(3).context

    def script(request: Request) -> Answer:
        if len(request.context) >= len(third):
            return Refusal(400, "maximum context length")
        return scripted(request)

    scripted = Scripted(calls_of())
    fake_server.script = script
    result = solve(fake_server)
    assert result.answer == ""
    assert result.text == render(Trajectory(QUESTION, TRAJECTORY.phases[:2], None))
    assert len(result.faults) == 1, "what the server refuses is not asked again"


@pytest.mark.parametrize("tells", [True, False], ids=["told", "learned"])
def test_limits_are_fitted_to_the_context(fake_server: FakeServer, tells: bool) -> None:
    """Nothing is refused in the end, and the ledger tells what each call was allowed."""
    longest = max(len(call.context + call.completion) for call in calls_of()) // TOKEN
    fake_server.context = 2 * longest
    fake_server.card = {"max_model_len": fake_server.context} if tells else {}
    fake_server.script = Scripted(calls_of())
    result = solve(fake_server)
    assert (result.text, result.faults) == (render(TRAJECTORY), ())
    assert all(0 < call.max_tokens < fake_server.context for call in result.calls)


def test_a_problem_whose_prompt_does_not_fit_is_told_so(fake_server: FakeServer) -> None:
    fake_server.context = 10
    with pytest.raises(TooLongError, match="does not fit the context of 10 tokens"):
        solve(fake_server)


def test_a_problem_that_the_server_refuses_altogether_is_no_result(fake_server: FakeServer) -> None:
    """It is sent once more, since the refusal may be for a field that only some servers know."""
    fake_server.script = lambda _: Refusal(400, "top_p is too large")
    with pytest.raises(RefusedError, match="top_p is too large"):
        solve(fake_server)
    assert [INCLUDE_STOP in request.body for request in fake_server.requests] == [True, False]


def test_a_dead_server_is_a_server_error(fake_server: FakeServer) -> None:
    fake_server.stop()
    with pytest.raises(ServerError, match="Cannot reach a model server"):
        solve(fake_server)


def test_a_dead_executor_server_is_a_server_error(fake_server: FakeServer) -> None:
    """Bare, not in a group, and the plan that still streams is closed."""
    endless = Reply.of(
        PLAN.completion[: PLAN.completion.index("Work out 4*5.")], fake_server.gate()
    )
    scripted = Scripted([])
    scripted.set(PLAN.context, endless)
    fake_server.script = scripted
    with FakeServer() as executors:
        executors.stop()
        with pytest.raises(ServerError, match=f"Cannot reach a model server at {executors.url}"):
            solve(fake_server, executor_url=executors.url)
    assert fake_server.requests[0].final_state is State.ABORTED


def test_an_execution_with_a_tag_in_it_ends_before_the_tag(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    scripted.set(FIRST.context, Reply.of("2*3=6.\n</execution_9.9> and <Plan_7>"))
    fake_server.script = scripted
    assert solve(fake_server).text == render(TRAJECTORY)


def test_a_question_with_a_tag_in_it_cannot_be_asked(fake_server: FakeServer) -> None:
    """The runner makes a marked result of it."""
    with pytest.raises(FormatError, match="question contains '<think>'"):
        solve(fake_server, replace(PROBLEM, question="What is <think> in <Plan_1>?"))
    assert fake_server.requests == []


@pytest.mark.parametrize("empty", ["", " \n", "\n</execution_1.1>", "<Plan_7>", "</exec"])
def test_an_empty_execution_is_asked_again(fake_server: FakeServer, empty: str) -> None:
    scripted = Scripted(calls_of())
    scripted.set(FIRST.context, Reply.of(empty), Reply.of(FIRST.completion))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(TRAJECTORY)
    assert result.faults == ("execution 1.1, attempt 1: the reply is empty",)
    (attempt,) = discarded(result)
    assert (attempt.role, attempt.prompt, attempt.attempt) == ("executor", 1, 1)
    assert attempt.error == "the reply is empty"
    assert len(result.calls) == len(fake_server.requests)


def test_an_execution_that_stays_empty_has_no_result(fake_server: FakeServer) -> None:
    first = replace(
        TRAJECTORY.phases[0], executions=(NO_RESULT, TRAJECTORY.phases[0].executions[1])
    )
    expected = replace(TRAJECTORY, phases=(first, *TRAJECTORY.phases[1:]))
    scripted = Scripted([*calls_of(), *calls_of(expected)])
    scripted.set(FIRST.context, Reply.of("\n"))
    fake_server.script = scripted
    result = solve(fake_server, max_attempts=2)
    assert result.text == render(expected)
    assert [(call.prompt, call.attempt) for call in discarded(result)] == [(1, 1), (1, 2)]
    assert len(result.faults) == 2


@pytest.mark.parametrize(
    ("reply", "execution"),
    [
        ("2*3 is then", "2*3 is then"),
        ("As <prompt_1.1> says 2*3=6.\n</execution_1.1>", "As"),
        ("2*3=6.\n<execution_1.2>", "2*3=6."),
        ("2*3=6.\n<Plan_2>", "2*3=6."),
    ],
)
def test_an_execution_without_its_closing_tag_is_kept_and_marked(
    fake_server: FakeServer, reply: str, execution: str
) -> None:
    first = replace(
        TRAJECTORY.phases[0], executions=(execution, TRAJECTORY.phases[0].executions[1])
    )
    expected = replace(TRAJECTORY, phases=(first, *TRAJECTORY.phases[1:]))
    scripted = Scripted([*calls_of(), *calls_of(expected)])
    scripted.set(FIRST.context, Reply.of(reply))
    fake_server.script = scripted
    result = solve(fake_server)
    assert result.text == render(expected)
    assert result.faults == ("execution 1.1 ended without its closing tag",)
    assert discarded(result) == []


@pytest.mark.parametrize("closing", ["</execution_1.2>", "</EXECUTION 3>", "</execution>"])
def test_an_execution_ends_at_its_closing_tag_whatever_its_number(
    fake_server: FakeServer, closing: str
) -> None:
    """No stop string hits it: the reader sees it and closes the request."""
    scripted = Scripted(calls_of())
    scripted.set(FIRST.context, Reply.of(f"2*3=6.\n{closing}{' ' * 40}", fake_server.gate()))
    fake_server.script = scripted
    result = solve(fake_server)
    assert (result.text, result.faults) == (render(TRAJECTORY), ())
    assert fake_server.asked(FIRST.context)[0].final_state is State.ABORTED
