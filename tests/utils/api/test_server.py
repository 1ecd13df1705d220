"""The module that talks to model servers, against the scripted one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from typing import Any, Literal, TypeVar

import pytest
from sprint.utils.api.completion import Collected, Completion, StreamEvent, UnfinishedError
from sprint.utils.api.finish_reasons import FinishReason
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.server_errors import retry_after
from sprint.utils.api.token_trace import TokenTrace
from sprint.utils.errors import (
    BusyError,
    CallError,
    CutError,
    FailedError,
    FormatError,
    InputError,
    RefusedError,
    ServerError,
    SilentError,
    TransientError,
)
from support.fake_server import (
    INCLUDE_STOP,
    MODEL,
    Answer,
    FakeServer,
    Fault,
    Refusal,
    Reply,
    Request,
    State,
)
from support.limits import PATIENCE

T = TypeVar("T")
SILENCE = 2.0
"""Seconds that no server is silent but one that hangs, on a machine that is slow and busy too."""
SAMPLING = Sampling(max_tokens=100, temperature=0.5, top_p=0.9, stop=("</end>", "<next>"))


def run(
    url: str,
    work: Callable[[ModelServer], Coroutine[Any, Any, T]],
    *,
    model: str = MODEL,
    timeout: float = PATIENCE,
) -> T:
    async def main() -> T:
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(url, model, timeout=timeout) as server,
        ):
            return await work(server)

    return asyncio.run(main())


def complete(
    server: FakeServer,
    sampling: Sampling = SAMPLING,
    on_text: Callable[[str], bool] | None = None,
    **options: Any,
) -> Completion:
    return run(server.url, lambda client: client.complete("1+1=", sampling, on_text), **options)


def test_text_ends_with_the_stop_string_that_hit(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2, of course. </end> and more", "<next>")
    completion = complete(fake_server)
    assert completion.text == "2, of course. </end>"
    assert completion.finish_reason == "stop"
    assert completion.stop_named
    assert not completion.cut_off


def test_token_counts_are_those_of_the_server(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply(("twelve chars",), cached_tokens=32)
    completion = complete(fake_server)
    counts = (completion.prompt_tokens, completion.cached_tokens, completion.completion_tokens)
    assert counts == (1, 32, 3)


def test_times_are_in_order(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("Some text that takes more than one piece. </end>")
    completion = complete(fake_server)
    assert completion.started <= completion.first_token <= completion.finished


def test_calls_after_another_share_a_connection(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2 </end>")

    async def one_by_one(client: ModelServer) -> None:
        for request in range(10):
            await client.complete("1+1=", SAMPLING)
            await asyncio.to_thread(lambda at=request: fake_server.requests[at].final_state)

    run(fake_server.url, one_by_one)
    # Now and then a call begins before the end of the last answer has come.
    assert len({request.client_port for request in fake_server.requests}) < 10


def test_request_says_how_to_sample(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2")
    complete(fake_server)
    body = fake_server.requests[0].body
    sent = {key: body[key] for key in ("prompt", "max_tokens", "temperature", "top_p", "stop")}
    assert sent == {
        "prompt": "1+1=",
        "max_tokens": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop": ["</end>", "<next>"],
    }


def test_without_stop_strings_none_are_sent(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2")
    complete(fake_server, Sampling(max_tokens=5, temperature=0))
    assert "stop" not in fake_server.requests[0].body


def test_text_without_a_stop_string_ends_as_it_is(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2 and </en")
    assert complete(fake_server).text == "2 and </en"


def test_max_tokens_cuts_off(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("12345678 and so on")
    completion = complete(fake_server, Sampling(max_tokens=2, temperature=0))
    assert completion.cut_off
    assert (completion.text, completion.completion_tokens) == ("12345678", 2)


def test_a_server_that_names_no_stop_string(fake_server: FakeServer) -> None:
    fake_server.names_stops, fake_server.include_stop = False, "refused"
    fake_server.script = lambda _: Reply.of("2, of course. </end>")
    completion = complete(fake_server)
    assert completion.text == "2, of course. "
    assert not completion.stop_named


@pytest.mark.parametrize("names_stops", [True, False])
@pytest.mark.parametrize("text", ["2, of course. </end> and more", "2 <next>", "2 and </en"])
@pytest.mark.parametrize("include_stop", ["honoured", "ignored", "refused"])
def test_stop_strings_in_the_output_change_nothing_for_the_caller(
    fake_server: FakeServer,
    include_stop: Literal["honoured", "ignored", "refused"],
    text: str,
    names_stops: bool,
) -> None:
    """What the reader gets holds no whole stop string; its beginning may have come before."""
    fake_server.script = lambda _: Reply.of(text)
    fake_server.include_stop, fake_server.names_stops = include_stop, names_stops
    pieces: list[str] = []
    completion = complete(fake_server, on_text=lambda piece: bool(pieces.append(piece)))
    ended = next((text[: text.index(s) + len(s)] for s in SAMPLING.stop if s in text), text)
    shown = names_stops or include_stop == "honoured"
    whole = ended if shown else ended.removesuffix("</end>").removesuffix("<next>")
    assert (completion.text, completion.finish_reason) == (whole, "stop")
    assert not any(stop in "".join(pieces) for stop in SAMPLING.stop)


def test_nothing_is_held_back_for_a_stop_string(fake_server: FakeServer) -> None:
    gate = fake_server.gate()
    fake_server.script = lambda _: Reply.of("2", gate, "</end>")
    complete(fake_server, on_text=lambda _: gate.open() is not None)


def test_a_server_that_refuses_to_include_stops_is_asked_without_from_then_on(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake_server.include_stop = "refused"
    fake_server.script = lambda _: Reply.of("2</end>")

    async def twice(client: ModelServer) -> list[str]:
        return [(await client.complete("1+1=", SAMPLING)).text for _ in range(2)]

    assert run(fake_server.url, twice) == ["2</end>", "2</end>"]
    asked_for = [INCLUDE_STOP in request.body for request in fake_server.requests]
    assert asked_for == [True, False, False]
    assert len(caplog.messages) == 1
    assert INCLUDE_STOP in caplog.text


def test_a_request_that_is_refused_either_way_is_refused(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(400, "maximum context length is 8 tokens")

    async def twice(client: ModelServer) -> None:
        for _ in range(2):
            with pytest.raises(RefusedError, match="maximum context length"):
                await client.complete("1+1=", SAMPLING)

    run(fake_server.url, twice)


def test_a_server_that_includes_stops_is_not_asked_twice(fake_server: FakeServer) -> None:
    answers = iter([Reply.of("2</end>"), Refusal(400, "no such thing")])
    fake_server.script = lambda _: next(answers)

    async def twice(client: ModelServer) -> None:
        await client.complete("1+1=", SAMPLING)
        with pytest.raises(RefusedError, match="no such thing"):
            await client.complete("1+1=", SAMPLING)

    run(fake_server.url, twice)


def test_reader_gets_the_pieces_as_they_come(fake_server: FakeServer) -> None:
    gate = fake_server.gate()
    fake_server.script = lambda _: Reply.of("enough to be sent at once", gate, " and the rest")
    pieces: list[str] = []

    def on_text(piece: str) -> bool:
        pieces.append(piece)
        gate.open()  # a reader that got the text only at the end would never come here
        return False

    completion = complete(fake_server, on_text=on_text)
    assert "".join(pieces) == completion.text == "enough to be sent at once and the rest"


def test_a_reader_that_has_enough_closes_the_request(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("all that is wanted", fake_server.gate())
    completion = complete(fake_server, on_text=lambda _: True)
    assert completion.finish_reason == FinishReason.ENOUGH
    assert fake_server.requests[0].final_state is State.ABORTED


@pytest.mark.parametrize("tells_ids", [False, True])
def test_a_call_that_is_closed_counts_the_ids_of_its_prompt(
    fake_server: FakeServer, tells_ids: bool
) -> None:
    """The server counts its tokens after the last one, which is not awaited."""
    fake_server.script, fake_server.tells_ids = lambda _: Reply.of("and so on"), tells_ids
    prompt = "1+1=2, so"

    async def work(server: ModelServer) -> Completion:
        return await server.complete(prompt, SAMPLING, lambda _: True, trace=TokenTrace(prompt))

    completion = run(fake_server.url, work)
    assert completion.finish_reason == FinishReason.ENOUGH
    assert bool(completion.prompt_tokens) == tells_ids


def test_an_error_of_the_reader_closes_the_request(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("something malformed", fake_server.gate())

    def on_text(_: str) -> bool:
        raise FormatError("malformed")

    with pytest.raises(FormatError, match="malformed"):
        complete(fake_server, on_text=on_text)
    assert fake_server.requests[0].final_state is State.ABORTED


def test_cancelling_closes_the_request(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("begins well", fake_server.gate())

    async def work(client: ModelServer) -> None:
        begun = asyncio.Event()
        task = asyncio.create_task(
            client.complete("1+1=", SAMPLING, lambda _: begun.set() is not None)
        )
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(fake_server.url, work)
    assert fake_server.requests[0].final_state is State.ABORTED


@pytest.mark.parametrize("refusal", [Refusal(429, headers={"Retry-After": "0"}), Refusal(500)])
def test_a_refused_request_is_sent_again_by_the_caller_alone(
    fake_server: FakeServer, refusal: Refusal
) -> None:
    answers = iter([refusal, Reply.of("2")])
    fake_server.script = lambda _: next(answers)
    with pytest.raises(TransientError):
        complete(fake_server)
    assert len(fake_server.requests) == 1


def test_a_server_that_keeps_failing_is_a_failed_call(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(500, "CUDA out of memory")
    with pytest.raises(CallError, match=f"{fake_server.url} refused a call: .*CUDA out of memory"):
        complete(fake_server)


def test_a_context_that_is_too_long_is_a_failed_call(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(400, "maximum context length is 8 tokens")
    with pytest.raises(CallError, match="maximum context length is 8 tokens"):
        complete(fake_server)


@pytest.mark.parametrize("fault", [Fault.CUT, Fault.NOT_JSON])
def test_a_stream_that_breaks_off_is_a_failed_call(fake_server: FakeServer, fault: Fault) -> None:
    fake_server.script = lambda _: Reply.of("the answer is on its way", fault)
    with pytest.raises(CallError, match=r"The stream from .* broke off"):
        complete(fake_server)


def test_an_error_within_the_stream_is_a_failed_call(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("the answer is on its way", Fault.ERROR_EVENT)
    with pytest.raises(CallError, match="EngineCore died"):
        complete(fake_server)


def test_a_server_that_hangs_is_a_failed_call(fake_server: FakeServer) -> None:
    async def never(_: Request) -> Answer:
        await fake_server.gate().wait()
        return Reply.of("too late")

    fake_server.script = never
    with pytest.raises(CallError, match="sent no text within"):
        complete(fake_server, timeout=SILENCE)


def test_a_stream_that_stalls_is_a_failed_call(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("the answer is on its way", fake_server.gate())
    with pytest.raises(SilentError, match="sent no text within"):
        complete(fake_server, timeout=SILENCE)


def test_unknown_model(fake_server: FakeServer) -> None:
    with pytest.raises(ServerError, match="knows no model 'other'"):
        complete(fake_server, model="other")


@pytest.mark.parametrize("status", [401, 403])
def test_refused_key(fake_server: FakeServer, status: int) -> None:
    fake_server.script = lambda _: Refusal(status, "no such key")
    with pytest.raises(ServerError, match="set SERVER_API_KEY"):
        complete(fake_server)


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_a_list_of_models_is_warned_of_once(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    fake_server.models_status = status
    fake_server.script = lambda _: Reply.of("2")

    async def work(client: ModelServer) -> Completion:
        await client.check()
        await client.check()
        return await client.chat([], SAMPLING)

    assert run(fake_server.url, work).text == "2"
    assert [record.message for record in caplog.records] == [
        f"The server at {fake_server.url} has no list of models (it answers {status}): the first "
        f"request shows whether it serves {MODEL!r}."
    ]


@pytest.mark.parametrize("path", ["", "/health"])
def test_a_page_that_is_no_model_server(fake_server: FakeServer, path: str) -> None:
    """It has no list of models, which other servers lack, too: the first request tells."""

    async def work(client: ModelServer) -> None:
        await client.check()
        await client.chat([], SAMPLING)

    with pytest.raises(ServerError, match="correct the name or the URL"):
        run(fake_server.url.removesuffix("/v1") + path, work)


def test_a_server_that_is_gone(fake_server: FakeServer) -> None:
    fake_server.stop()
    with pytest.raises(ServerError, match=f"Cannot reach a model server at {fake_server.url}"):
        complete(fake_server)


def test_check_accepts_the_model_that_is_served(fake_server: FakeServer) -> None:
    run(fake_server.url, lambda client: client.check())


def test_check_names_the_model_that_is_served(fake_server: FakeServer) -> None:
    with pytest.raises(ServerError, match=f"does not serve 'other' but {MODEL}"):
        run(fake_server.url, lambda client: client.check(), model="other")


@pytest.mark.parametrize("wrong", ["localhost:1/v1", "http://[bad/v1", ""])
def test_check_of_a_wrong_url(wrong: str) -> None:
    with pytest.raises(InputError, match="URL"):
        run(wrong, lambda client: client.check())


def test_chat(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply(("The answer is 2.",), cached_tokens=1)
    messages = [{"role": "user", "content": "What is 1+1?"}]
    completion = run(fake_server.url, lambda client: client.chat(messages, SAMPLING))
    assert completion.text == "The answer is 2."
    counts = (completion.prompt_tokens, completion.cached_tokens, completion.completion_tokens)
    assert counts == (3, 1, 4)
    assert fake_server.requests[0].body["messages"] == messages


def test_chat_that_is_refused(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Refusal(500, "overloaded")
    with pytest.raises(CallError, match="overloaded"):
        run(fake_server.url, lambda client: client.chat([], SAMPLING))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Refusal(429, headers={"Retry-After": "7"}), BusyError),
        (Refusal(502), FailedError),
        (Reply.of(Fault.CUT), CutError),
        (Reply.of(Fault.NOT_JSON), FailedError),
    ],
)
def test_a_chat_that_may_succeed_later(
    fake_server: FakeServer, answer: Answer, kind: type[TransientError]
) -> None:
    fake_server.script = lambda _: answer
    with pytest.raises(TransientError) as caught:
        run(fake_server.url, lambda client: client.chat([], SAMPLING))
    assert caught.value.kind == kind.kind
    assert caught.value.retry_after == (7.0 if kind is BusyError else None)


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(429, "pay first", code="insufficient_quota"),
        Refusal(402, "Insufficient Balance", code="invalid_request_error"),
    ],
)
def test_an_account_without_credit_is_no_reason_to_wait(
    fake_server: FakeServer, refusal: Refusal
) -> None:
    fake_server.script = lambda _: refusal
    with pytest.raises(ServerError, match="has no credit left"):
        run(fake_server.url, lambda client: client.chat([], SAMPLING))


def test_a_text_that_cannot_be_sent_fails_its_call_alone(fake_server: FakeServer) -> None:
    messages = [{"role": "user", "content": "half a character: \ud83d"}]
    with pytest.raises(RefusedError, match="not valid Unicode"):
        run(fake_server.url, lambda client: client.chat(messages, SAMPLING))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("-3", 0.0), ("nan", None), ("soon", None), ("", None)],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds
    assert retry_after({}) is None


def test_retry_after_a_date() -> None:
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    later = retry_after({"retry-after": formatdate(time.time() + 1000.0, usegmt=True)})
    assert later is not None
    assert 0.0 < later <= 1000.0


@pytest.mark.parametrize("value", ["1e9", "inf", "Wed, 21 Oct 2099 07:28:00 GMT", "1" * 5000])
def test_a_wait_of_years_is_none(value: str) -> None:
    assert retry_after({"retry-after": value}) is None


ODD_USAGES = [
    {"prompt_tokens": 5, "completion_tokens": None, "total_tokens": 5},
    {"prompt_tokens": 5, "completion_tokens": "many", "prompt_tokens_details": "none"},
    {"prompt_tokens": 5, "prompt_tokens_details": {"cached_tokens": -3}},
]


@pytest.mark.parametrize("usage", ODD_USAGES)
@pytest.mark.parametrize("call", ["chat", "complete"])
def test_a_token_count_that_is_none_is_zero(
    fake_server: FakeServer, call: str, usage: dict[str, Any]
) -> None:
    fake_server.script = lambda _: Reply(("2",), fields={"usage": usage})

    def ask(client: ModelServer) -> Coroutine[Any, Any, Completion]:
        if call == "chat":
            return client.chat([], SAMPLING)
        return client.complete("1+1=", SAMPLING)

    completion = run(fake_server.url, ask)
    counts = (completion.prompt_tokens, completion.cached_tokens, completion.completion_tokens)
    assert (completion.text, counts) == ("2", (5, 0, 0))


@pytest.mark.parametrize(
    "choices",
    [
        None,
        [],
        {"a": 1},
        "2",
        [{"index": 0, "text": "2"}],
        [{"index": 0, "message": None}],
        [{"index": 0, "message": {"role": "assistant", "content": [1]}}],
    ],
)
def test_a_chat_answer_without_a_choice_may_succeed_later(
    fake_server: FakeServer, choices: object
) -> None:
    fields = {"choices": choices, "usage": {}}
    fake_server.script = lambda _: Reply(("2",), fields=fields)
    with pytest.raises(TransientError, match="without a choice") as caught:
        run(fake_server.url, lambda client: client.chat([], SAMPLING))
    assert caught.value.kind == FailedError.kind
    fake_server.script = lambda _: Reply(("2",), fields={"choices": choices})
    with pytest.raises(UnfinishedError) as unfinished:
        run(fake_server.url, lambda client: client.chat([], SAMPLING))
    assert unfinished.value.billed is not None
    assert unfinished.value.billed.completion_tokens == 1


def test_a_chat_answer_that_cannot_be_read_is_empty(fake_server: FakeServer) -> None:
    """It ended well, and was billed."""
    choices = [{"index": 0, "message": {"content": [1]}, "finish_reason": "stop"}]
    fake_server.script = lambda _: Reply(("2",), fields={"choices": choices})
    assert run(fake_server.url, lambda client: client.chat([], SAMPLING)).text == ""


def test_the_texts_of_a_chat_answer_in_parts_are_joined(fake_server: FakeServer) -> None:
    parts = [
        {"type": "thinking", "thinking": "1 and 1"},
        {"type": "text", "text": "It "},
        {"type": "text", "text": "is 2."},
    ]
    choices = [{"index": 0, "message": {"content": parts}, "finish_reason": "stop"}]
    fake_server.script = lambda _: Reply((), fields={"choices": choices})
    completion = run(fake_server.url, lambda client: client.chat([], SAMPLING))
    assert (completion.text, completion.finish_reason) == ("It is 2.", "stop")


def test_a_chat_answer_may_lack_what_is_not_needed(fake_server: FakeServer) -> None:
    choices = [{"message": {"content": "2"}, "finish_reason": "stop"}]
    fake_server.script = lambda _: Reply((), fields={"choices": choices, "usage": {}})
    completion = run(fake_server.url, lambda client: client.chat([], SAMPLING))
    assert (completion.text, completion.finish_reason) == ("2", "stop")


ENDS_NO_ANSWER = ["abort", "error", "repetition", "content_filter", "tool_calls", "new one", None]


@pytest.mark.parametrize("ending", ENDS_NO_ANSWER)
@pytest.mark.parametrize("call", ["chat", "complete"])
def test_a_reply_that_ended_for_another_reason_is_a_failed_call_that_may_pass(
    fake_server: FakeServer, call: str, ending: str | None
) -> None:
    fake_server.script = lambda _: Reply(("It is 3",), ending=ending)

    def ask(client: ModelServer) -> Coroutine[Any, Any, Completion]:
        if call == "chat":
            return client.chat([], SAMPLING)
        return client.complete("1+1=", SAMPLING)

    with pytest.raises(TransientError):
        run(fake_server.url, ask)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("stop", FinishReason.STOP),
        ("eos_token", FinishReason.STOP),
        ("stop_sequence", FinishReason.STOP),
        ("COMPLETE", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("MAX_TOKENS", FinishReason.LENGTH),
    ],
)
def test_what_other_servers_call_the_end_of_an_answer(
    fake_server: FakeServer, ending: str, reason: FinishReason
) -> None:
    fake_server.script = lambda _: Reply(("It is 2",), ending=ending)
    assert complete(fake_server).finish_reason is reason


@pytest.mark.parametrize("fault", [Fault.BARE_ERROR, Fault.ERROR_EVENT, Fault.DONE])
def test_a_stream_that_fails_may_succeed_later(fake_server: FakeServer, fault: Fault) -> None:
    fake_server.script = lambda _: Reply.of("some text", fault)
    with pytest.raises(TransientError):
        complete(fake_server)


def test_a_refusal_within_the_stream_is_one(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of(Fault.REFUSED_EVENT)
    with pytest.raises(RefusedError, match="too long"):
        complete(fake_server)


@pytest.mark.parametrize("event", [{}, {"type": "ping"}, {"usage": {"prompt_tokens": 3}}])
def test_an_event_without_a_piece_of_text_is_passed_over(event: dict[str, object]) -> None:
    collected = Collected("url", (), None)
    collected.take(StreamEvent.of(event))
    collected.take(StreamEvent.of({"choices": [{"text": "4", "finish_reason": "stop"}]}))
    assert collected.completion(0).text == "4"


@pytest.mark.parametrize("fault", [Fault.NO_CHOICES, Fault.NO_TEXT, Fault.A_LIST])
def test_a_stream_of_something_else_is_a_failed_call(fake_server: FakeServer, fault: Fault) -> None:
    fake_server.script = lambda _: Reply.of("some text", fault)
    with pytest.raises(TransientError, match="something other than a completion"):
        complete(fake_server)


def test_half_a_character_is_replaced(fake_server: FakeServer) -> None:
    """It could neither be sent on to the next call nor be written."""
    fake_server.script = lambda _: Reply.of("five \ud83d six")
    text = complete(fake_server).text
    assert text.replace("\ufffd", "") == "five  six"
    assert "\ufffd" in text


def test_a_prompt_that_cannot_be_sent_is_refused(fake_server: FakeServer) -> None:
    with pytest.raises(RefusedError, match="not valid Unicode"):
        run(fake_server.url, lambda client: client.complete("\ud83d", SAMPLING))
