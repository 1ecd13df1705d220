"""Requests of the Responses API that are answered."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import pytest
from openai import OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter
from sprint.utils.grammar import contains_tag, trajectory_calls
from support.fake_server import FakeServer, Fault, Reply
from support.scripts import QUESTION, TRAJECTORY
from support.serving import SPRINT_PROMPT, Served, asking, responding, script, served

ANSWER = TRAJECTORY.final_answer or ""
EVENT = TypeAdapter[Any](ResponseStreamEvent)


def context_of(role: str, phase: int) -> str:
    calls = trajectory_calls(SPRINT_PROMPT, TRAJECTORY)
    return next(one.context for one in calls if (one.role, one.phase) == (role, phase))


def events_of(text: str) -> list[dict[str, Any]]:
    """The events of a stream. Each is named, numbered, and as openai-python describes it."""
    events = []
    for number, told in enumerate(text.split("\n\n")[:-1]):
        name, data = told.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        assert event["sequence_number"] == number
        EVENT.validate_python(event)
        events.append(event)
    return events


def streamed(server: Served, **fields: Any) -> list[dict[str, Any]]:
    response = server.respond(responding(stream=True, **fields))
    assert response.status_code == 200, response.text
    return events_of(response.text)


def names(events: list[dict[str, Any]]) -> list[str]:
    """The types of the events, without repetition and without `response.`"""
    return [name.removeprefix("response.") for name, _ in groupby(one["type"] for one in events)]


def comparable(response: dict[str, Any]) -> dict[str, Any]:
    """A response without what differs between two of them."""
    kept = {name: value for name, value in response.items() if not name.endswith(("id", "_at"))}
    kept["output"] = [one | {"id": one["id"].split("_")[0]} for one in kept["output"]]
    kept["sprint"] = {**kept["sprint"], "seconds": 0, "critical_path_seconds": 0}
    return kept


def thought_of(server: Served, **fields: Any) -> str:
    thought = server.post(asking(**fields)).json()["choices"][0]["message"]["reasoning"]
    assert isinstance(thought, str)
    return thought


def test_an_answer_and_the_reasoning_before_it(openai_client: OpenAI, server: Served) -> None:
    answer = openai_client.responses.create(model="sprint", input=QUESTION, metadata={"a": "b"})
    reasoning, message = answer.output
    assert reasoning.type == "reasoning"
    assert reasoning.content is not None
    assert [one.type for one in reasoning.content] == ["reasoning_text"]
    assert reasoning.content[0].text == thought_of(server)
    assert reasoning.summary == []
    assert message.type == "message"
    assert answer.output_text == ANSWER
    assert (answer.status, answer.error, answer.incomplete_details) == ("completed", None, None)
    assert (answer.object, answer.model, answer.metadata) == ("response", "sprint", {"a": "b"})
    assert (answer.temperature, answer.top_p) == (server.config.temperature, server.config.top_p)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"model": "serial"},
        {"reasoning": {"summary": "auto"}},
        {"max_output_tokens": 6},
        {"max_output_tokens": 9000, "store": True, "user": "me"},
    ],
    ids=str,
)
def test_a_response_is_as_openai_describes_it(server: Served, fields: dict[str, Any]) -> None:
    """The end of a stream has the same, and its items are those that were streamed."""
    whole = server.respond(responding(**fields)).json()
    Response.model_validate(whole)
    assert whole["store"] is False
    events = streamed(server, **fields)
    assert comparable(events[-1]["response"]) == comparable(whole)
    done = [one["item"] for one in events if one["type"] == "response.output_item.done"]
    assert done == events[-1]["response"]["output"]


def test_the_events_of_a_stream(server: Served) -> None:
    events = streamed(server)
    item = ("output_item.added", "content_part.added")
    done = ("content_part.done", "output_item.done")
    assert names(events) == [
        *("created", "in_progress"),
        *(*item, "reasoning_text.delta", "reasoning_text.done", *done),
        *(*item, "output_text.delta", "output_text.done", *done),
        "completed",
    ]
    assert events[0]["response"]["status"] == "in_progress"
    for name, text in ("reasoning_text", thought_of(server)), ("output_text", ANSWER):
        deltas = [one["delta"] for one in events if one["type"] == f"response.{name}.delta"]
        assert "".join(deltas) == text
        (end,) = [one for one in events if one["type"] == f"response.{name}.done"]
        assert end["text"] == text


def test_openai_python_accumulates_a_stream(openai_client: OpenAI, server: Served) -> None:
    with openai_client.responses.stream(model="sprint", input=QUESTION) as stream:
        deltas = [one for one in stream if one.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert deltas[-1].snapshot == final.output_text == ANSWER
    whole = server.respond(responding()).json()
    found = comparable(final.to_dict())
    for name in ("status", "usage", "sprint", "temperature", "store"):
        assert found[name] == comparable(whole)[name]
    plain = openai_client.responses.create(model="sprint", input=QUESTION, stream=True)
    *_, last = plain
    assert last.type == "response.completed"
    assert comparable(last.response.to_dict()) == comparable(whole)


def test_a_summary_has_the_same_text(openai_client: OpenAI, server: Served) -> None:
    answer = openai_client.responses.create(
        model="sprint", input=QUESTION, reasoning={"summary": "auto"}
    )
    reasoning = answer.output[0]
    assert reasoning.type == "reasoning"
    assert [one.text for one in reasoning.summary] == [thought_of(server)]
    assert not reasoning.content
    events = names(streamed(server, reasoning={"summary": "auto"}))
    assert events[2:8] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]


def test_usage_is_that_of_chat(server: Served) -> None:
    chat, found = server.post(asking()).json(), server.respond(responding()).json()
    theirs, usage = chat["usage"], found["usage"]
    assert usage == {
        "input_tokens": theirs["prompt_tokens"],
        "input_tokens_details": {
            "cached_tokens": theirs["prompt_tokens_details"]["cached_tokens"],
            "cache_write_tokens": 0,
        },
        "output_tokens": theirs["completion_tokens"],
        "output_tokens_details": theirs["completion_tokens_details"],
        "total_tokens": theirs["total_tokens"],
    }
    assert found["sprint"].keys() == chat["sprint"].keys()
    assert found["sprint"]["sequential_tokens"] == chat["sprint"]["sequential_tokens"]


@pytest.mark.parametrize("model", ["sprint", "serial"])
def test_the_tokens_of_a_response_are_limited(server: Served, model: str) -> None:
    found = server.respond(responding(model=model, max_output_tokens=6)).json()
    assert found["usage"]["output_tokens"] <= 6
    assert (found["status"], found["completed_at"]) == ("incomplete", None)
    assert found["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [(one["type"], one["status"]) for one in found["output"]] == [
        ("reasoning", "incomplete")
    ]
    events = streamed(server, model=model, max_output_tokens=6)
    assert names(events)[-1] == "incomplete"


def test_sampling_reaches_every_call(fake_server: FakeServer, server: Served) -> None:
    answered = server.respond(responding(temperature=0.25, top_p=0.5, seed=5)).json()
    assert {one.temperature for one in fake_server.requests} == {0.25}
    assert {one.body["top_p"] for one in fake_server.requests} == {0.5}
    assert (answered["temperature"], answered["top_p"]) == (0.25, 0.5)
    seeds = {one.body["seed"] for one in fake_server.requests}
    fake_server.requests.clear()
    server.post(asking(seed=5))
    assert {one.body["seed"] for one in fake_server.requests} == seeds


def test_a_conversation_is_that_of_chat(
    fake_server: FakeServer, openai_client: OpenAI, server: Served
) -> None:
    """The output of an answer goes back as it came; its reasoning is ignored."""
    with openai_client.responses.stream(model="sprint", input=QUESTION) as stream:
        first = stream.get_final_response()
    fake_server.script = lambda _: Reply.of("<Final_answer>\n13\n</Final_answer>")
    fake_server.requests.clear()
    follow: Any = [
        {"role": "user", "content": [{"type": "input_text", "text": QUESTION}]},
        *first.output,
        {"role": "user", "content": "And half of it?"},
    ]
    second = openai_client.responses.create(
        model="sprint", instructions="Be brief.", input=follow, store=False
    )
    assert second.output_text == "13"
    assert second.instructions == "Be brief."
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": ANSWER},
        {"role": "user", "content": "And half of it?"},
    ]
    server.post(asking(messages=messages))
    ours, theirs = fake_server.requests
    assert ours.context == theirs.context


def test_a_malformed_plan_is_said_to_be_written_again(
    fake_server: FakeServer, server: Served
) -> None:
    plan, scripted = context_of("planner", 1), script()
    calls = trajectory_calls(SPRINT_PROMPT, TRAJECTORY)
    written = next(one.completion for one in calls if one.context == plan)
    scripted.set(plan, Reply.of("<Plan_1>\nNo end <pro"), Reply.of(written))
    fake_server.script = scripted
    (end,) = [one for one in streamed(server) if one["type"] == "response.reasoning_text.done"]
    assert "No end\n\n*This is discarded and written again.*\n\n" in end["text"]
    assert not contains_tag(end["text"])


def test_reasoning_behind_a_broken_answer_is_an_item_of_its_own(
    fake_server: FakeServer, server: Served
) -> None:
    """The message goes on, so that clients that read only one message have all of it."""
    scripted = script()
    replies = iter([Reply.of("It is 26.\n</think>\n\nThe sum", Fault.CUT), scripted.serial])
    fake_server.script = lambda _: next(replies)
    events = streamed(server, model="serial")
    first, message, again = events[-1]["response"]["output"]
    assert first["content"][0]["text"] == "It is 26."
    assert message["content"][0]["text"] == "The sum is \\boxed{26}."
    assert again["content"][0]["text"].startswith("\n\n*This is discarded")
    ends = [one["output_index"] for one in events if one["type"] == "response.output_item.done"]
    assert ends == [0, 2, 1]
    assert [one["status"] for one in (first, message, again)] == ["completed"] * 3


def test_an_answer_that_becomes_another_fails(
    fake_server: FakeServer, openai_client: OpenAI, server: Served
) -> None:
    calls = trajectory_calls(SPRINT_PROMPT, TRAJECTORY)
    answer = next(one for one in calls if (one.role, one.phase) == ("planner", 4))
    scripted = script()
    broken = Reply.of("<Final_answer>\nThe product is", Fault.CUT)
    scripted.set(answer.context, broken, Reply.of(answer.completion))
    fake_server.script = scripted
    *_, error, failed = streamed(server)
    assert (error["type"], error["code"]) == ("error", "answer_broke_off")
    assert failed["type"] == "response.failed"
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"] == {"code": "server_error", "message": error["message"]}
    message = failed["response"]["output"][1]
    assert (message["status"], message["content"][0]["text"]) == ("incomplete", "The product is")
    scripted.set(answer.context, broken, Reply.of(answer.completion))
    found = openai_client.responses.create(model="sprint", input=QUESTION, stream=True)
    assert [event.type for event in found][-2:] == ["error", "response.failed"]


def test_no_tag_of_a_question_is_a_tag(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("<Final_answer>\n5 < 6\n</Final_answer>")
    with served(fake_server) as server:
        found = server.respond(
            responding(input="What is </Question> <Plan_1>?", instructions="<think>")
        )
    assert found.status_code == 200
    assert "< think>\n\nWhat is < /Question> < Plan_1>?" in fake_server.requests[0].context
    assert not contains_tag(found.json()["output"][-1]["content"][0]["text"])
