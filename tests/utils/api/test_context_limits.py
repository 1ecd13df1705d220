"""Limits are fitted to what a prompt leaves of the server's context, however it is told."""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from openai.types import Model
from sprint.utils.api.completion import Completion
from sprint.utils.api.context_limits import MOST_FITS, ContextLimit, context_of, refused_as_too_long
from sprint.utils.api.replicas import Replicas
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import LONG_PROMPT, ModelServer
from sprint.utils.errors import RefusedError, TooLongError
from support.fake_server import MODEL, TOKEN, FakeServer, Refusal, Reply
from support.limits import PATIENCE

LONG = Sampling(max_tokens=5000, temperature=0.0)
PROMPT = "1+1=" * 20
"""Twenty tokens of the fake server."""
ENDLESS = Reply.of("and so on " * 500)

Ask = Callable[[ModelServer], Any]


def asked(server: FakeServer, *prompts: str, limit: ContextLimit | None = None) -> list[Completion]:
    """The completions of prompts, one after another, from a client that has looked first."""

    async def main() -> list[Completion]:
        limits = limit or ContextLimit({"--max_tokens": LONG.max_tokens})
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(server.url, MODEL, context=limits) as client,
        ):
            await client.check()
            return [await client.complete(prompt, LONG) for prompt in prompts]

    return asyncio.run(main())


def card(**more: Any) -> Model:
    return Model.model_validate(
        {"id": "m", "object": "model", "created": 0, "owned_by": "x"} | more
    )


@pytest.mark.parametrize(
    ("more", "tokens"),
    [
        ({"max_model_len": 4096}, 4096),
        ({"context_length": 8192}, 8192),
        ({"context_window": 8192}, 8192),
        ({"loaded_context_length": 2048, "context_length": 8192}, 2048),
        ({"meta": {"n_ctx": 512, "n_ctx_train": 4096}}, 512),
        ({"meta": None, "max_model_len": None}, None),
        ({"max_model_len": "many"}, None),
        ({"max_model_len": True}, None),
        ({"max_model_len": -1}, None),
        ({}, None),
    ],
)
def test_the_context_that_a_list_of_models_tells(more: dict[str, Any], tokens: int | None) -> None:
    assert context_of(card(**more)) == tokens


TOLD = [
    (
        {"type": "exceed_context_size_error", "n_ctx": 4096, "n_prompt_tokens": 5000},
        "",
        (4096, 5000),
    ),
    (
        {"code": "context_length_exceeded"},
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens "
        "(1000 in the messages, 8000 in the completion).",
        (8192, 1000),
    ),
    (
        {"code": "context_length_exceeded"},
        "maximum context length is 128,000 tokens; your messages resulted in 204,308 tokens",
        (128000, 204308),
    ),
    (
        {"param": "max_tokens"},
        "max_tokens=36000 cannot be greater than max_model_len=1024.",
        (1024, None),
    ),
    (
        {},
        "'max_tokens' is too large: 8000. This model's maximum context length is 1024 tokens and "
        "your request has 120 input tokens (8000 > 1024 - 120).",
        (1024, 120),
    ),
    (
        {},
        "Your prompt contains at least 25 input tokens; maximum context length is 1024 tokens",
        (1024, None),
    ),
    (
        {},
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
        "requested 5000: 1000 tokens from the input messages and 4000 for the completion.",
        (4096, 1000),
    ),
    (
        {},
        "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        (4096, 5000),
    ),
    (
        {},
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 1000 `inputs` tokens and 4000 "
        "`max_new_tokens`",
        (4096, 1000),
    ),
    (
        {},
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        (4096, 5000),
    ),
    ({}, "`inputs` must have less than 4095 tokens. Given: 5000", (None, 5000)),
    ({}, "prompt is too long: 5000 tokens > 4096 maximum", (4096, 5000)),
    (
        {},
        "Prompt contains 5000 tokens, too large for model with 4096 maximum context length",
        (4096, 5000),
    ),
    ({}, "The prompt is too long: 5000, model maximum context length: 4096", (4096, 5000)),
    ({}, "the context window is full", (None, None)),
]


@pytest.mark.parametrize(("body", "said", "numbers"), TOLD)
def test_what_refusals_of_other_servers_tell(
    body: Mapping[str, Any], said: str, numbers: tuple[int | None, int | None]
) -> None:
    error = refused_as_too_long(body, said)
    assert error is not None
    assert (error.context, error.prompt) == numbers


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "at most 4 stop strings"),
        ({"param": "temperature"}, "temperature must be at most 2"),
        ({"param": "max_tokens", "code": "unsupported_parameter"}, "Use max_completion_tokens."),
        ("a page", "no such thing"),
    ],
)
def test_a_refusal_for_another_reason_is_none(body: object, said: str) -> None:
    assert refused_as_too_long(body, said) is None


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens is too large: 99999. This model supports at most 16384 completion tokens.",
        "max_tokens: 99999 > 16384, which is the most that this model may write",
        "Invalid max_tokens value, the valid range of max_tokens is [1, 16384]",
        "Range of max_tokens should be [1, 16384]",
    ],
)
def test_the_longest_reply_of_a_model_is_no_context(said: str) -> None:
    error = refused_as_too_long({}, said)
    assert error is not None
    assert (error.context, error.reply) == (None, 16384)


def test_the_error_reaches_another_process() -> None:
    error = pickle.loads(pickle.dumps(TooLongError("too long", 8, 9)))
    assert (str(error), error.context, error.prompt) == ("too long", 8, 9)


def test_a_limit_that_fits_is_sent_as_it_is(fake_server: FakeServer) -> None:
    fake_server.context, fake_server.card = 8000, {"max_model_len": 8000}
    fake_server.script = lambda _: Reply.of("2")
    (completion,) = asked(fake_server, PROMPT)
    assert [request.body["max_tokens"] for request in fake_server.requests] == [LONG.max_tokens]
    assert completion.max_tokens == LONG.max_tokens


def test_a_counted_prompt_leaves_the_rest_of_the_context(fake_server: FakeServer) -> None:
    fake_server.context, fake_server.card = 100, {"max_model_len": 100}
    fake_server.script = lambda _: ENDLESS
    limit = ContextLimit({"--max_tokens": LONG.max_tokens})
    limit.tokenize = lambda text: [0] * (len(text) // TOKEN)
    (completion,) = asked(fake_server, PROMPT, limit=limit)
    assert [request.body["max_tokens"] for request in fake_server.requests] == [78]
    assert (completion.finish_reason, completion.completion_tokens) == ("length", 78)


def test_token_ids_are_counted(fake_server: FakeServer) -> None:
    fake_server.card = {"max_model_len": 100}
    fake_server.script = lambda _: ENDLESS

    async def main() -> Completion:
        async with ModelServer(fake_server.url, MODEL) as client:
            await client.check()
            return await client.complete("", LONG, prompt_ids=[49] * 90)

    assert asyncio.run(main()).max_tokens == 10


def test_an_adapter_has_the_context_of_its_base(fake_server: FakeServer) -> None:
    base = {"id": "base", "object": "model", "created": 0, "owned_by": "x", "max_model_len": 64}
    fake_server.card = {"parent": "base", "max_model_len": None}
    fake_server.more_cards = [base]
    limit = ContextLimit()
    asked(fake_server, limit=limit)
    assert limit.tokens == 64


@pytest.mark.parametrize("told", [True, False], ids=["told", "learned"])
def test_a_prompt_that_cannot_be_counted_is_fitted_by_refusals(
    fake_server: FakeServer, told: bool
) -> None:
    """Dense text has more tokens than its bytes let expect; the next prompt is expected so."""
    fake_server.context = 100
    fake_server.card = {"max_model_len": 100} if told else {}
    fake_server.script = lambda _: ENDLESS
    limit = ContextLimit({"--max_tokens": LONG.max_tokens})
    limit.bytes_per_token = 12.0
    first, second = asked(fake_server, PROMPT, PROMPT, limit=limit)
    assert 50 <= first.max_tokens <= 80
    assert second.max_tokens == pytest.approx(first.max_tokens, abs=2)
    assert len(fake_server.requests) <= MOST_FITS + 1


def test_the_length_that_a_refusal_tells_is_taken(fake_server: FakeServer) -> None:
    def told(prompt: int, reply: int, context: int) -> dict[str, Any]:
        return {"type": "exceed_context_size_error", "n_ctx": context, "n_prompt_tokens": prompt}

    fake_server.context, fake_server.refuse_too_long = 100, told
    fake_server.script = lambda _: ENDLESS
    (completion,) = asked(fake_server, PROMPT)
    assert [request.body["max_tokens"] for request in fake_server.requests] == [5000, 80]
    assert completion.cut_off


def test_a_refusal_without_numbers_halves_the_limit(fake_server: FakeServer) -> None:
    fake_server.context = 100
    fake_server.refuse_too_long = lambda *_: {"message": "no", "code": "context_length_exceeded"}
    fake_server.script = lambda _: Reply.of("2")
    (completion,) = asked(fake_server, PROMPT)
    assert completion.max_tokens == 5000 // 64


@pytest.mark.parametrize("told", [True, False], ids=["told", "learned"])
def test_a_prompt_that_does_not_fit_is_refused_with_one_sentence(
    fake_server: FakeServer, told: bool
) -> None:
    fake_server.context = 10
    fake_server.card = {"max_model_len": 10} if told else {}
    with pytest.raises(TooLongError, match=r"does not fit the context of 10 tokens") as caught:
        asked(fake_server, PROMPT)
    assert "\n" not in str(caught.value)
    assert len(fake_server.requests) <= MOST_FITS


def test_a_server_that_refuses_all_lengths_is_asked_a_bounded_number_of_times(
    fake_server: FakeServer,
) -> None:
    error = {"message": "maximum context length is 9000 tokens (20 input tokens)"}
    fake_server.script = lambda _: Refusal(400, error=error)
    with pytest.raises(RefusedError):
        asked(fake_server, PROMPT)
    assert len(fake_server.requests) <= MOST_FITS


def test_what_does_not_fit_is_said_once_with_its_flag(
    fake_server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    fake_server.context, fake_server.card = 100, {"max_model_len": 100}
    fake_server.script = lambda _: Reply.of("2")
    with caplog.at_level(logging.WARNING):
        asked(fake_server, PROMPT, PROMPT)
    (said,) = [record.getMessage() for record in caplog.records]
    assert "a context of 100 tokens" in said
    assert "--max_tokens 5000" in said


def test_a_chat_is_fitted_too(fake_server: FakeServer) -> None:
    fake_server.context, fake_server.card = 200, {"max_model_len": 200}
    fake_server.script = lambda _: Reply.of("2")

    async def main() -> dict[str, Any]:
        async with ModelServer(fake_server.url, MODEL) as client:
            await client.check()
            messages = [{"role": "user", "content": PROMPT}]
            assert (await client.chat(messages, LONG)).text == "2"
            return client.batched(messages, LONG)

    batched = asyncio.run(main())
    (request,) = fake_server.requests
    assert request.body["max_completion_tokens"] == batched["max_completion_tokens"]
    assert 50 < batched["max_completion_tokens"] <= 180


def test_of_several_servers_the_shortest_context_counts(fake_server: FakeServer) -> None:
    limit = ContextLimit()
    with FakeServer() as other:
        fake_server.card, other.card = {"max_model_len": 900}, {"max_model_len": 300}

        async def main() -> None:
            servers = [ModelServer(one.url, MODEL, context=limit) for one in (fake_server, other)]
            async with Replicas(servers) as replicas:
                await replicas.check()

        asyncio.run(main())
    assert limit.tokens == 300


@pytest.mark.parametrize(("prompt", "context"), [("x " * LONG_PROMPT, 40_000), ("x ", 4000)])
def test_a_long_prompt_is_counted_in_a_thread(
    fake_server: FakeServer, prompt: str, context: int
) -> None:
    """Otherwise all other calls of the process would wait for it."""
    limit, on_the_loop = ContextLimit(), list[bool]()

    def tokenize(text: str) -> list[int]:
        on_the_loop.append(threading.current_thread() is threading.main_thread())
        return [0] * (len(text) // TOKEN)

    limit.tokenize = tokenize
    fake_server.context, fake_server.card = context, {"max_model_len": context}
    fake_server.script = lambda _: Reply.of("so")
    asked(fake_server, prompt, limit=limit)
    assert on_the_loop == [len(prompt) < LONG_PROMPT]
