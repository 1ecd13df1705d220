"""The server in front of a real vLLM: the answers are those of a batch run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from sprint.agent_orchestration import SprintSolver, open_sprint_solver
from sprint.base_model_evaluation import open_serial_solver
from sprint.sample_world.command import rows
from sprint.serving.demo.problems import demo_problems
from sprint.utils.grammar import after_thought, contains_tag, parse, plain_content
from sprint.utils.grammar.tags import without_partial_tag
from sprint.utils.records import Problem, Result, Trajectory
from sprint.utils.tokens.counting import count_tokens
from sprint.utils.tokens.tokenizers import token_counter
from support.serving import Served, joined
from support.vllm_server import SPRINT_MODEL

QUESTION = rows("test", 1, 5)[0]["problem"]
PROBLEM = Problem("x", 0, QUESTION, "26")


@pytest.mark.vllm
def test_answers_are_those_of_a_batch_run(sprint_url: str) -> None:
    """With a single phase the planner is made to answer at once, and does not get to a tag."""
    with Served(
        sprint_url,
        planner_model=str(SPRINT_MODEL),
        max_phases=1,
        plan_tokens=20,
        serial_tokens=64,
        max_attempts=1,
    ) as server:
        client = OpenAI(base_url=server.url, api_key="none", max_retries=0)

        async def batch() -> tuple[Result, Result]:
            async with (
                open_sprint_solver(server.config.sprint) as sprint,
                open_serial_solver(server.config.serial) as serial,
            ):
                assert isinstance(sprint, SprintSolver)
                return await sprint.solve(PROBLEM), await serial.solve(PROBLEM)

        sprint, serial = asyncio.run(batch())
        for model in ("sprint", "serial"):
            whole = client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": QUESTION}]
            )
            message = whole.choices[0].message
            thought = message.model_extra["reasoning"] if message.model_extra else ""
            shown = {"content": "", "reasoning": ""}
            for chunk in client.chat.completions.create(
                model=model, messages=[{"role": "user", "content": QUESTION}], stream=True
            ):
                delta = chunk.choices[0].delta.model_dump()
                for field in shown:
                    shown[field] += delta.get(field) or ""
            assert shown == {"content": message.content, "reasoning": thought}
            assert whole.usage is not None
            assert 0 < whole.usage.completion_tokens <= 64
            if model == "serial":
                said = f"{thought}\n\n{message.content}"
                written = plain_content(without_partial_tag(after_thought(serial.text)))
                assert written.strip() in (said.strip(), message.content)
            elif (answer := parse(sprint.text).final_answer) is not None:
                assert message.content == answer


LEVEL = "tanks, level 2"
"""Two tanks, whose executions run at the same time, and a third that needs both."""
TOKENS = 1024


@dataclass(frozen=True)
class Answers:
    """What one question got in each way, one after another."""

    batch: Result
    chat: ChatCompletion
    chunks: list[ChatCompletionChunk]
    response: Response
    events: list[ResponseStreamEvent]

    @property
    def trajectory(self) -> Trajectory:
        return parse(self.batch.text)

    @property
    def message(self) -> dict[str, Any]:
        return self.chat.choices[0].message.model_dump()

    @property
    def streamed_chat(self) -> tuple[str, str]:
        """Reasoning and answer."""
        chunks = [chunk.model_dump() for chunk in self.chunks]
        return joined(chunks, "reasoning"), joined(chunks, "content")

    @property
    def streamed_response(self) -> tuple[str, str]:
        reasoning = answer = ""
        for event in self.events:
            if event.type == "response.reasoning_text.delta":
                reasoning += event.delta
            elif event.type == "response.output_text.delta":
                answer += event.delta
        return reasoning, answer

    @property
    def completed(self) -> Response:
        """The end of the streamed response."""
        last = self.events[-1]
        assert last.type == "response.completed"
        return last.response


@pytest.fixture(scope="module")
def answers(sprint_url: str) -> Answers:
    problem = next(one for one in demo_problems() if one.name == LEVEL)
    with Served(
        sprint_url,
        planner_model=str(SPRINT_MODEL),
        tokenizer=str(SPRINT_MODEL),
        plan_tokens=TOKENS,
        execution_tokens=TOKENS,
        serial_tokens=TOKENS,
    ) as server:

        async def batch() -> Result:
            async with open_sprint_solver(server.config.sprint) as solver:
                assert isinstance(solver, SprintSolver)
                return await solver.solve(Problem("x", 0, problem.question, problem.answer))

        client = OpenAI(base_url=server.url, api_key="none", max_retries=0)
        asked: Any = {"model": "sprint", "temperature": 0}
        asked_chat = asked | {"messages": [{"role": "user", "content": problem.question}]}
        asked_response = asked | {"input": problem.question}
        return Answers(
            asyncio.run(batch()),
            client.chat.completions.create(**asked_chat),
            [
                *client.chat.completions.create(
                    **asked_chat, stream=True, stream_options={"include_usage": True}
                )
            ],
            client.responses.create(**asked_response),
            [*client.responses.create(**asked_response, stream=True)],
        )


def shown(trajectory: Trajectory) -> Iterator[str]:
    """The paragraphs of the reasoning that shows a trajectory."""
    for number, phase in enumerate(trajectory.phases, 1):
        yield f"**Plan {number}**"
        place = 0
        for segment in phase.plan:
            if segment.text:
                yield segment.text
            if segment.prompt is not None:
                place += 1
                yield f"**Task {number}.{place}:** {segment.prompt}"
        for place, execution in enumerate(phase.executions, 1):
            yield f"**Result {number}.{place}:** {execution}"


@pytest.mark.vllm
def test_a_planners_answer_is_that_of_a_batch_run(answers: Answers) -> None:
    assert answers.message["content"] == answers.trajectory.final_answer
    assert answers.message["reasoning"] == "\n\n".join(shown(answers.trajectory))


@pytest.mark.vllm
def test_the_reasoning_shows_plans_tasks_and_results(answers: Answers) -> None:
    reasoning = answers.message["reasoning"]
    headings = ("**Plan 1**", "**Task 1.1:** ", "**Task 1.2:** ", "**Result 1.1:** ", "**Plan 2**")
    places = [reasoning.index(heading) for heading in headings]
    assert places == sorted(places)


@pytest.mark.vllm
def test_a_streamed_chat_has_the_texts_of_a_whole_one(answers: Answers) -> None:
    assert answers.streamed_chat == (answers.message["reasoning"], answers.message["content"])


@pytest.mark.vllm
def test_a_response_has_the_texts_of_a_chat(answers: Answers) -> None:
    reasoning, _ = answers.response.output
    assert reasoning.type == "reasoning"
    assert reasoning.content is not None
    assert [part.text for part in reasoning.content] == [answers.message["reasoning"]]
    assert answers.response.output_text == answers.message["content"]


@pytest.mark.vllm
def test_a_streamed_response_has_the_texts_of_a_chat(answers: Answers) -> None:
    assert answers.streamed_response == (answers.message["reasoning"], answers.message["content"])
    assert answers.completed.output_text == answers.message["content"]


@pytest.mark.vllm
def test_no_text_shows_a_tag(answers: Answers) -> None:
    for text in (*answers.streamed_chat, *answers.streamed_response):
        assert not contains_tag(text)
    for told in (answers.chat, *answers.chunks, answers.response, *answers.events):
        assert not contains_tag(told.model_dump_json())


@pytest.mark.vllm
def test_usage_counts_the_tokens_of_all_calls(answers: Answers) -> None:
    calls = answers.batch.calls
    written = sum(call.completion_tokens for call in calls)
    for usage in (answers.chat.usage, answers.chunks[-1].usage):
        assert usage is not None
        assert usage.prompt_tokens == sum(call.prompt_tokens for call in calls)
        assert usage.completion_tokens == written
    for response in (answers.response, answers.completed):
        assert response.usage is not None
        assert response.usage.output_tokens == written


@pytest.mark.vllm
def test_the_usage_of_sprint_is_that_of_the_trajectory(answers: Answers) -> None:
    trajectory, completed = answers.trajectory, answers.completed
    expected = {
        "sequential_tokens": count_tokens(trajectory, token_counter(str(SPRINT_MODEL))).sequential,
        "phases": len(trajectory.phases),
        "width": max(len(phase.prompts) for phase in trajectory.phases),
    }
    assert answers.chat.usage is not None
    assert 0 < expected["sequential_tokens"] < answers.chat.usage.completion_tokens
    for told in (answers.chat, answers.chunks[-1], answers.response, completed):
        found = (told.model_extra or {})["sprint"]
        assert {name: found[name] for name in expected} == expected
        assert 0 < found["critical_path_seconds"] <= found["seconds"]
