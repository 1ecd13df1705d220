"""Skeleton-of-Thought on one problem, against the scripted server."""

from __future__ import annotations

from typing import Any

import pytest
from sprint.base_model_evaluation.config import (
    CONFIGS,
    ChatSkeletonSettings,
    MethodName,
    SkeletonSettings,
)
from sprint.base_model_evaluation.skeleton_of_thought import NO_RESULT
from sprint.base_model_evaluation.solvers import load_prompts
from sprint.utils.api.retry import CALLS
from sprint.utils.api.sampling import RETRY_TEMPERATURE
from sprint.utils.errors import RefusedError
from sprint.utils.grammar import parse, render, request_context
from sprint.utils.records import Result
from sprint.utils.results.critical_path import critical_path
from sprint.utils.tokens.counting import count_tokens
from support.baselines import solve_by
from support.fake_server import Answer, FakeServer, Refusal, Reply, Request
from support.scripts import INSTRUCTION, QUESTION

PROMPTS = load_prompts("SoT-chat")
SKELETON = "1. Work out 2*3.\n2. Work out 4*5."
POINTS = {1: "2*3 is 6.", 2: "4*5 is 20, since 4*5 is twice 10."}
CONCLUSION = r"6+20 is \boxed{26}."


class Script:
    """Answers the three kinds of calls; what is set for a kind comes first."""

    def __init__(self, thought: str = "") -> None:
        self.thought = thought
        self.first: dict[str, list[Answer]] = {}
        self.asked: dict[str, list[Request]] = {}

    def __call__(self, request: Request) -> Answer:
        kind = self.kind(request.context)
        self.asked.setdefault(kind, []).append(request)
        if self.first.get(kind):
            return self.first[kind].pop(0)
        said = {"skeleton": SKELETON, "conclusion": CONCLUSION, "serial": CONCLUSION}
        text = said.get(kind) or POINTS[int(kind[-1])]
        return Reply.of(self.thought + text)

    @staticmethod
    def kind(context: str) -> str:
        if context.startswith(PROMPTS["skeleton_prompt"]):
            return "skeleton"
        if context.startswith(INSTRUCTION):
            return "serial"
        if context.startswith(PROMPTS["skeleton_conclusion_prompt"]):
            return "conclusion"
        return f"point {context.partition('Point to work out: ')[2][0]}"


def solve(
    server: FakeServer, script: Script, method: MethodName = "SoT-chat", **settings: Any
) -> Result:
    server.script = script
    return solve_by(method, server, CONFIGS[method].settings_class(**settings))


def test_the_settings_are_the_papers() -> None:
    assert ChatSkeletonSettings().temperature == 0.1
    assert SkeletonSettings().temperature == 0.6


def test_skeleton_points_and_conclusion(fake_server: FakeServer) -> None:
    result = solve(fake_server, script := Script())
    assert (result.answer, result.faults, result.final) == ("26", (), True)
    assert sorted(script.asked) == ["conclusion", "point 1", "point 2", "skeleton"]
    trajectory = parse(result.text)
    assert render(trajectory) == result.text
    assert trajectory.phases[0].executions == tuple(POINTS.values())
    assert trajectory.final_answer == CONCLUSION


def test_points_are_worked_out_at_once_and_after_the_whole_skeleton(
    fake_server: FakeServer,
) -> None:
    script, gate = Script(), fake_server.gate()
    script.first["point 1"] = [Reply.of(gate, POINTS[1])]
    script.first["point 2"] = [Reply.of(POINTS[2])]

    def open_when_both_are_there(request: Request) -> Answer:
        answer = script(request)
        if {"point 1", "point 2"} <= script.asked.keys():
            gate.open()
        return answer

    fake_server.script = open_when_both_are_there
    solve_by("SoT-chat", fake_server, ChatSkeletonSettings())
    (skeleton,), (first,), (second,) = (
        script.asked[kind] for kind in ("skeleton", "point 1", "point 2")
    )
    assert skeleton.left is not None
    assert skeleton.left < min(first.arrived, second.arrived)


def test_sequential_tokens_are_skeleton_longest_point_and_conclusion(
    fake_server: FakeServer,
) -> None:
    counted = count_tokens(parse(solve(fake_server, Script()).text), len)
    assert counted.sequential == len(SKELETON) + len(POINTS[2]) + len(CONCLUSION)
    assert counted.total == len(SKELETON) + sum(map(len, POINTS.values())) + len(CONCLUSION)


def test_the_ledger_tells_the_critical_path(fake_server: FakeServer) -> None:
    script, gate = Script(), fake_server.gate()
    script.first["point 1"] = [Reply.of(gate, POINTS[1])]
    script.first["conclusion"] = []
    fake_server.script = script

    def open_after_the_second(request: Request) -> Answer:
        answer = script(request)
        if Script.kind(request.context) == "point 2":
            gate.open()
        return answer

    fake_server.script = open_after_the_second
    result = solve_by("SoT-chat", fake_server, ChatSkeletonSettings())
    path = [(piece.call.role, piece.call.phase) for piece in critical_path(result.calls)]
    assert path == [("planner", 1), ("executor", 1), ("planner", 2)]


def test_what_each_call_is_shown(fake_server: FakeServer) -> None:
    solve(fake_server, script := Script())
    (skeleton,), (second,), (conclusion,) = (
        script.asked[kind] for kind in ("skeleton", "point 2", "conclusion")
    )
    assert skeleton.context == request_context(PROMPTS["skeleton_prompt"], QUESTION, think=False)
    assert second.context.endswith(f"{SKELETON}\n\nPoint to work out: 2. Work out 4*5.\n\n")
    assert f"1. Work out 2*3.\n{POINTS[1]}" in conclusion.context
    assert f"2. Work out 4*5.\n{POINTS[2]}" in conclusion.context


def test_a_reasoning_model_thinks_first_and_later_calls_see_what_it_says(
    fake_server: FakeServer,
) -> None:
    script = Script("1. Hm, what is this?\n\n</think>\n\n")
    result = solve(fake_server, script, "SoT-reasoning")
    assert result.answer == "26"
    assert all(request.context.endswith("<think>\n") for request in fake_server.requests)
    assert "Hm" not in script.asked["point 1"][0].context
    assert "Hm" not in script.asked["conclusion"][0].context
    counted = count_tokens(parse(result.text), lambda text: text.count("Hm"))
    assert (counted.sequential, counted.total) == (3, 4)


def test_a_malformed_skeleton_is_asked_for_again_and_hotter(fake_server: FakeServer) -> None:
    script = Script()
    script.first["skeleton"] = [Reply.of("It is easy: 26.")]
    result = solve(fake_server, script)
    assert result.answer == "26"
    assert [request.temperature for request in script.asked["skeleton"]] == [
        0.1,
        RETRY_TEMPERATURE,
    ]
    (fault,) = result.faults
    assert fault.startswith("skeleton, attempt 1: ")
    assert [call.kept for call in result.calls if call.phase == 1][:2] == [False, True]


def test_without_a_skeleton_the_question_is_asked_as_in_serial_reasoning(
    fake_server: FakeServer,
) -> None:
    script = Script()
    script.first["skeleton"] = [Reply.of("26, I think")] * 3
    result = solve(fake_server, script)
    assert (result.answer, result.final) == ("26", True)
    assert (len(script.asked["skeleton"]), len(script.asked["serial"])) == (3, 1)
    assert result.faults[-1].startswith("no skeleton")
    trajectory = parse(result.text)
    assert (trajectory.phases, trajectory.final_answer) == ((), CONCLUSION)


def test_models_that_say_all_within_their_thought_are_understood(
    fake_server: FakeServer,
) -> None:
    """RFT models end their thought after the solution."""
    script = Script()
    script.first["skeleton"] = [Reply.of(f"{SKELETON}\n</think>")]
    script.first["point 1"] = [Reply.of(f"{POINTS[1]}\n</think>")]
    result = solve(fake_server, script, "SoT-reasoning")
    assert (result.answer, result.faults) == ("26", ())
    assert f"1. Work out 2*3.\n{POINTS[1]}" in script.asked["conclusion"][0].context


def test_a_thought_that_was_cut_off_is_not_shown(fake_server: FakeServer) -> None:
    script = Script("</think>")
    script.first["point 1"] = [Reply.of("Hm, 2 times 3. " * 30)]
    result = solve(fake_server, script, "SoT-reasoning", max_tokens=40)
    (conclusion,) = script.asked["conclusion"]
    assert "Hm" not in conclusion.context
    assert NO_RESULT in conclusion.context
    assert [fault.startswith("point 1") for fault in result.faults] == [True, True]


def test_a_skeleton_that_was_cut_off_is_malformed(fake_server: FakeServer) -> None:
    script = Script()
    script.first["skeleton"] = [Reply.of(SKELETON + " And so on and on." * 9)] * 3
    result = solve(fake_server, script, max_tokens=20)
    assert "cut off" in result.faults[0]


def test_failed_calls_are_counted_apart_from_malformed_replies(fake_server: FakeServer) -> None:
    script = Script()
    script.first["skeleton"] = [Refusal(500), *[Reply.of("no list")] * 2, Refusal(500)]
    script.first["skeleton"] += [Reply.of("no list")]
    result = solve(fake_server, script)
    assert len(script.asked["skeleton"]) == 5
    assert result.faults[-1].startswith("no skeleton")


@pytest.mark.parametrize("kind", ["skeleton", "conclusion"])
def test_what_kept_failing_is_tried_again_by_the_next_run(
    fake_server: FakeServer, kind: str
) -> None:
    script = Script()
    script.first[kind] = [Refusal(500)] * CALLS.tries
    result = solve(fake_server, script)
    assert (result.answer, result.final) == ("", False)


@pytest.mark.parametrize(
    ("refusal", "final"), [(Refusal(500), False), (Refusal(400, "too long"), True)]
)
def test_a_point_that_fails_does_not_hold_up_the_others(
    fake_server: FakeServer, refusal: Refusal, final: bool
) -> None:
    script = Script()
    script.first["point 1"] = [refusal] * CALLS.tries
    result = solve(fake_server, script)
    assert (result.answer, result.final) == ("26", final)
    assert NO_RESULT in script.asked["conclusion"][0].context
    assert parse(result.text).phases[0].executions == ("", POINTS[2])
    assert result.faults[0].startswith("point 1")


def test_a_refused_skeleton_is_the_runners_to_tell(fake_server: FakeServer) -> None:
    script = Script()
    script.first["skeleton"] = [Refusal(400, "too long")]
    with pytest.raises(RefusedError, match="too long"):
        solve(fake_server, script)


def test_a_refused_conclusion_leaves_no_answer(fake_server: FakeServer) -> None:
    script = Script()
    script.first["conclusion"] = [Refusal(400, "too long")]
    result = solve(fake_server, script)
    assert (result.answer, result.final) == ("", True)
    assert "too long" in result.faults[-1]
