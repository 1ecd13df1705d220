"""The examples of the few-shot prompt are what they teach: well-formed, independent, right."""

from __future__ import annotations

import re

import pytest
from sprint.agent_orchestration.config import SprintSettings
from sprint.agent_orchestration.prompted import REQUESTS, few_shot_prompts, message_of
from sprint.utils.grading import grade
from sprint.utils.grading.final_answers import sprint_answer
from sprint.utils.grammar import (
    Asked,
    FinalAnswer,
    asked_of,
    parse,
    parse_execution_reply,
    parse_plan_reply,
    render,
    trajectory_calls,
)
from sprint.utils.records import Trajectory

PROMPTS = few_shot_prompts()
ENDS = "This ends the examples."
BEFORE, *EXAMPLES = re.split(r"^Example \d+\n", PROMPTS["few_shot_prompt"], flags=re.MULTILINE)
TEXTS = [example.partition(ENDS)[0].strip() for example in EXAMPLES]
ANSWERS = ["48", "C", "42"]
KNOWN = re.compile(r"execution_(\d+)\.(\d+)")

examples = pytest.mark.parametrize("text", TEXTS)


def test_the_examples_cover_what_a_model_has_to_learn() -> None:
    widths = [[len(phase.prompts) for phase in parse(text).phases] for text in TEXTS]
    assert widths == [[2, 2], [], [3]]


@examples
def test_an_example_is_written_as_the_grammar_demands(text: str) -> None:
    assert render(parse(text), think=False) == text


@examples
def test_each_part_is_a_reply_that_the_strict_parsers_accept(text: str) -> None:
    for call in trajectory_calls("Solve.", parse(text)):
        if call.role == "planner":
            reply = parse_plan_reply(call.completion, call.phase)
            assert isinstance(reply, FinalAnswer) or reply.prompts
            assert reply.closed
        else:
            assert parse_execution_reply(call.completion).text


@examples
def test_prompts_need_only_results_of_earlier_phases(text: str) -> None:
    for number, phase in enumerate(parse(text).phases, 1):
        assert 1 < len(phase.prompts) <= SprintSettings().max_prompts
        for segment in phase.plan:
            named = KNOWN.findall(f"{segment.text} {segment.prompt}")
            assert all(int(of) < number for of, _ in named)
        assert (number == 1) == (not phase.plan[0].text.startswith("Based on execution_"))


@examples
def test_prompts_do_not_state_their_results(text: str) -> None:
    for phase in parse(text).phases:
        for prompt, execution in zip(phase.prompts, phase.executions, strict=True):
            (*_, result) = re.findall(r"[\d.]+\d|\d+", execution)
            assert result not in prompt.split() or result in parse(text).question


@pytest.mark.parametrize(("text", "answer"), [*zip(TEXTS, ANSWERS, strict=True)])
def test_answers_are_right(text: str, answer: str) -> None:
    said = sprint_answer(parse(text).final_answer)
    assert grade(answer, said).correct
    assert PROMPTS["few_shot_prompt"].count("\\boxed{}") == 1


def test_the_rules_and_the_requests_leave_nothing_open() -> None:
    assert "{phase}" not in PROMPTS["few_shot_prompt"]
    assert "<think>" not in "".join(PROMPTS.values())
    for part in REQUESTS:
        request = message_of(Asked("So far.", part, 3, 2), PROMPTS)  # type: ignore[arg-type]
        assert request.startswith("So far.\n\n-----\n\n")
        assert not re.search(r"\{\w+\}", request)


def test_a_request_names_the_tags_that_the_parsers_read() -> None:
    plan, execution = (message_of(Asked("", part, 3, 2), PROMPTS) for part in ("plan", "execution"))
    tags = "".join(re.findall(r"</?[\w.]+>", plan))
    assert tags.startswith("<Plan_3><prompt_3.1></prompt_3.1>")
    assert {"<execution_3.2>", "</execution_3.2>"} <= set(re.findall(r"</?[\w.]+>", execution))


def test_a_context_becomes_a_message_without_open_tags() -> None:
    trajectory: Trajectory = parse(TEXTS[0])
    for call in trajectory_calls("Solve.", trajectory):
        said = message_of(asked_of(call.context), PROMPTS).partition("\n\n-----\n\n")[0]
        assert said.endswith(("</Question>", f"</Plan_{call.phase}>", "</Execution_1>", "_2>"))
