"""What is told while a problem is being solved."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sprint.utils.grammar import contains_tag
from sprint.utils.methods.events import (
    AnswerText,
    CutShort,
    Discarded,
    Event,
    ExecutionDone,
    ExecutionText,
    PhaseJoined,
    PlanDone,
    PlanText,
    PromptText,
)
from sprint.utils.records import Result
from support.fake_server import FakeServer, Fault, Reply, Request, State
from support.scripts import TRAJECTORY, Scripted, calls_of, executor_call, planner_call
from support.solving import solve


def told(server: FakeServer, **settings: Any) -> tuple[list[Event], Result]:
    events = list[Event]()

    def hear(event: Event) -> bool:
        events.append(event)
        return False

    return events, solve(server, on_event=hear, **settings)


def said(events: list[Event], kind: type[Event], **where: int) -> list[str]:
    """The texts of events of a kind, each put together."""
    chosen = [
        event
        for event in events
        if isinstance(event, kind)
        and all(getattr(event, name) == value for name, value in where.items())
    ]

    def place(event: Any) -> tuple[int, int]:
        return getattr(event, "phase", 0), getattr(event, "prompt", 0)

    return ["".join(event.text for event in group) for _, group in groupby(chosen, place)]  # type: ignore[attr-defined]


def test_every_text_is_told_as_it_stands_in_the_trajectory(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    events, _ = told(fake_server)
    first = TRAJECTORY.phases[0]
    assert said(events, PromptText, phase=1) == [*first.prompts]
    prose = "".join(said(events, PlanText, phase=1))
    assert prose == "".join(segment.text for segment in first.plan)
    for phase, planned in enumerate(TRAJECTORY.phases, 1):
        for prompt, execution in enumerate(planned.executions, 1):
            where = {"phase": phase, "prompt": prompt}
            assert said(events, ExecutionText, **where) == [execution]
            assert said(events, ExecutionDone, **where) == [execution]
    assert "".join(said(events, AnswerText)) == TRAJECTORY.final_answer
    assert [event.phase for event in events if isinstance(event, PlanDone)] == [1, 2, 3]
    assert [event.phase for event in events if isinstance(event, PhaseJoined)] == [1, 2, 3]


def test_times_do_not_go_back_and_no_text_holds_a_tag(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    events, result = told(fake_server)
    seconds = [event.seconds for event in events]
    assert seconds == sorted(seconds)
    assert 0 <= seconds[0] <= seconds[-1] <= result.elapsed
    texts = [getattr(event, "text", "") for event in events]
    assert [text for text in texts if contains_tag(text)] == []


def test_the_same_result_with_and_without_a_listener(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    assert told(fake_server)[1].text == solve(fake_server).text


def test_a_malformed_plan_is_told_to_be_discarded(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    whole = Reply.of(planner_call(1).completion)
    scripted.set(planner_call(1).context, Reply.of("<Plan_1>\nNo end <prompt_1.1>"), whole)
    fake_server.script = scripted
    events, _ = told(fake_server)
    (discarded,) = (event for event in events if isinstance(event, Discarded))
    assert (discarded.phase, discarded.prompt) == (1, 0)
    before = events[: events.index(discarded)]
    assert said(before, PlanText) == ["No end"]
    assert said(events[events.index(discarded) :], PromptText, phase=1) == [
        *TRAJECTORY.phases[0].prompts
    ]


def test_an_execution_that_broke_off_is_told_to_be_discarded(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    call = executor_call(1, 2)
    scripted.set(call.context, Reply.of("4*5=", Fault.CUT), Reply.of(call.completion))
    fake_server.script = scripted
    events, _ = told(fake_server)
    (discarded,) = (event for event in events if isinstance(event, Discarded))
    assert (discarded.phase, discarded.prompt) == (1, 2)


def test_who_has_read_enough_of_the_answer_ends_its_call(fake_server: FakeServer) -> None:
    scripted, never = Scripted(calls_of()), fake_server.gate()
    answer = planner_call(4)
    scripted.set(answer.context, Reply.of("<Final_answer>\nThe sum is 26. And", never))
    fake_server.script = scripted
    result = solve(fake_server, on_event=lambda event: isinstance(event, AnswerText))
    assert result.calls[-1].finish_reason == "enough"


def test_the_tokens_of_a_problem_are_limited(fake_server: FakeServer) -> None:
    """Executors and planner share them, and none goes on when they are used up."""
    never = fake_server.gate()

    def script(request: Request) -> Reply:
        if request.context.endswith("<execution_1.1>\n"):
            return Reply.of("1234 " * 200)
        return Reply.of("<Plan_1>\n<prompt_1.1> Count. </prompt_1.1>\n", never)

    fake_server.script = script
    events, result = told(fake_server, problem_tokens=60)
    assert 60 <= sum(call.completion_tokens for call in result.calls) <= 61
    assert not any(call.kept for call in result.calls)
    (cut,) = (event for event in events if isinstance(event, CutShort))
    assert cut.reason == result.faults[-1] == "the problem reached its limit of 60 tokens"
    assert fake_server.requests[0].final_state is State.ABORTED


def test_no_call_may_write_more_than_what_is_left(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    told(fake_server, problem_tokens=500)
    asked = [request.body["max_tokens"] for request in fake_server.requests]
    assert asked[0] == 500
    assert all(later < 500 for later in asked[1:])


def test_a_budget_that_is_enough_changes_nothing(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())
    free = solve(fake_server)
    used = sum(call.completion_tokens for call in free.calls)
    assert told(fake_server, problem_tokens=used)[1].text == free.text
    assert told(fake_server, problem_tokens=used - 1)[1].text != free.text


def test_each_call_has_a_seed_of_its_own_and_the_same_again(fake_server: FakeServer) -> None:
    fake_server.script = Scripted(calls_of())

    def seeds(**settings: Any) -> dict[str, Any]:
        fake_server.requests.clear()
        solve(fake_server, **settings)
        return {request.context: request.body.get("seed") for request in fake_server.requests}

    first = seeds(seed=7)
    assert len(set(first.values())) == len(first)
    assert seeds(seed=7) == first
    assert not set(seeds(seed=8).values()) & set(first.values())
    assert set(seeds().values()) == {None}


def test_a_call_that_failed_on_its_way_is_made_again_with_its_seed(fake_server: FakeServer) -> None:
    scripted = Scripted(calls_of())
    call = executor_call(1, 1)
    scripted.set(
        call.context,
        Reply.of("2*", Fault.CUT),
        Reply.of("</execution_1.1>"),
        Reply.of(call.completion),
    )
    fake_server.script = scripted
    solve(fake_server, seed=7)
    broken, empty, whole = (request.body["seed"] for request in fake_server.asked(call.context))
    assert broken == empty != whole


def test_an_answer_is_told_as_it_comes(fake_server: FakeServer) -> None:
    """Else its end would be waited for in vain: it comes when the beginning was heard."""
    scripted, gate = Scripted(calls_of()), fake_server.gate()
    scripted.set(planner_call(4).context, Reply.of("<Final_answer>\nThe sum", gate, " is 26."))
    fake_server.script = scripted
    heard = list[str]()

    def hear(event: Event) -> bool:
        if isinstance(event, AnswerText):
            heard.append(event.text)
            gate.open()
        return False

    solve(fake_server, on_event=hear)
    assert "".join(heard) == "The sum is 26."
