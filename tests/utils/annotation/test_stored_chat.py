"""Chats that go through the store, against the scripted server."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from sprint.utils.annotation import paid_requests
from sprint.utils.annotation.annotator import ModelAnnotator
from sprint.utils.annotation.cost_limit import MoneyBudget
from sprint.utils.annotation.dialogue import ModelReply
from sprint.utils.annotation.prices import Price, Usage, flat_price
from sprint.utils.annotation.responses import ResponseStore, StoredRequest
from sprint.utils.annotation.stored_chat import MOST_REFUSED, Postponed, StoredChat
from sprint.utils.api.completion import UnfinishedError
from sprint.utils.api.retry import PAID, Backoff, without_waits
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import (
    BusyError,
    CallError,
    CostError,
    CutError,
    FailedError,
    RefusedError,
    ServerError,
    TransientError,
)
from support.fake_server import MODEL, FakeServer, Fault, Refusal, Reply, Request
from support.limits import PATIENCE

T = TypeVar("T")
PRICE = flat_price(1_000_000.0, 1_000_000.0, batch=False)
"""A dollar a token, so that money counts tokens."""


def talk(
    server: FakeServer,
    folder: Path,
    work: Callable[[StoredChat], Awaitable[T]],
    *,
    price: Price | None = None,
    budget: MoneyBudget | None = None,
    max_tokens: int = 100,
) -> T:
    async def main() -> T:
        async with (
            asyncio.timeout(PATIENCE),
            ModelServer(server.url, MODEL) as client,
        ):
            chat = StoredChat(
                client,
                Sampling(max_tokens, temperature=0.0),
                ResponseStore(folder),
                backoff=Backoff(4),
                budget=budget or MoneyBudget(),
                price=price,
            )
            return await work(chat)

    with without_waits():
        return asyncio.run(main())


def say(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def ask(text: str) -> Callable[[StoredChat], Awaitable[ModelReply]]:
    return lambda chat: chat(say(text))


def test_what_has_an_answer_is_not_asked_again(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda _: Reply.of("2")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")
    assert len(fake_server.requests) == 1
    body = fake_server.requests[0].body
    sent = {key: body[key] for key in ("messages", "max_completion_tokens", "temperature")}
    assert sent == {"messages": say("1+1?"), "max_completion_tokens": 100, "temperature": 0}


def test_the_same_question_at_the_same_time_is_sent_once(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = lambda _: Reply.of("2")

    async def twice(chat: StoredChat) -> list[ModelReply]:
        return await asyncio.gather(chat(say("1+1?")), chat(say("1+1?")))

    assert talk(fake_server, tmp_path, twice) == [ModelReply("2"), ModelReply("2")]
    assert len(fake_server.requests) == 1


def test_the_same_question_of_two_runs_at_once_is_sent_once(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    """Two chats share no memory, as two processes do not: only the store."""
    fake_server.script = lambda _: Reply.of("2")

    async def twice(chat: StoredChat) -> list[ModelReply]:
        other = StoredChat(
            chat.server,
            chat.sampling,
            ResponseStore(tmp_path),
            backoff=Backoff(4),
            budget=MoneyBudget(),
            price=None,
        )
        return await asyncio.gather(chat(say("1+1?")), other(say("1+1?")))

    assert talk(fake_server, tmp_path, twice) == [ModelReply("2"), ModelReply("2")]
    assert len(fake_server.requests) == 1
    assert list(tmp_path.glob("??/*.sending")) == []


def test_an_answer_is_stored_as_it_came(fake_server: FakeServer, tmp_path: Path) -> None:
    """Whatever the reader does not understand was paid for, too."""
    parts = [{"type": "output_text", "text": "It is 2."}]
    message = {"content": parts, "reasoning_content": "1 and 1 \u2028"}
    fields = {
        "choices": [{"message": message, "finish_reason": "stop"}],
        "id": "req-7",
        "system_fingerprint": "fp",
    }
    fake_server.script = lambda _: Reply((), fields=fields)
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("")
    (path,) = tmp_path.glob("??/*.json")
    received = json.loads(json.loads(path.read_bytes())["received"])
    assert received == received | fields


def test_a_truncated_answer_is_kept_and_labelled(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda _: Reply(("2 and",), truncated=True)
    for _ in range(2):
        assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2 and", truncated=True)
    assert len(fake_server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Refusal(429, headers={"Retry-After": "0"}), BusyError),
        (Refusal(500), FailedError),
        (Refusal(503), FailedError),
        (Reply.of(Fault.CUT), CutError),
        (Reply.of(Fault.NOT_JSON), FailedError),
        (Reply((), fields={"choices": [], "usage": {}}), FailedError),
    ],
)
def test_what_may_pass_is_sent_again_and_counted(
    fake_server: FakeServer, tmp_path: Path, fault: Reply | Refusal, kind: type[TransientError]
) -> None:
    answers = iter([fault, Reply.of("2")])
    fake_server.script = lambda _: next(answers)

    async def work(chat: StoredChat) -> tuple[ModelReply, dict[str, int], int]:
        return await chat(say("1+1?")), dict(chat.backoff.retried), chat.traffic.sent

    assert talk(fake_server, tmp_path, work) == (ModelReply("2"), {kind.kind: 1}, 2)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Refusal(500), FailedError),
        (Reply.of(Fault.CUT), CutError),
        (Reply((), fields={"choices": [], "usage": {}}), FailedError),
    ],
)
def test_what_does_not_pass_fails_after_bounded_tries(
    fake_server: FakeServer, tmp_path: Path, fault: Reply | Refusal, kind: type[TransientError]
) -> None:
    fake_server.script = lambda _: fault
    with pytest.raises(CallError):
        talk(fake_server, tmp_path, ask("1+1?"))
    assert len(fake_server.requests) == PAID.tries_of[kind]


def test_a_server_that_is_gone_ends_the_run(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.stop()
    with pytest.raises(ServerError, match="Cannot reach a model server"):
        talk(fake_server, tmp_path, ask("1+1?"))


def test_a_request_that_is_refused_is_sent_once(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda _: Refusal(400, "too long")
    with pytest.raises(RefusedError, match="too long"):
        talk(fake_server, tmp_path, ask("1+1?"))
    assert len(fake_server.requests) == 1


@pytest.mark.parametrize("status", [400, 422])
def test_a_parameter_that_is_refused_is_left_out_from_then_on(
    fake_server: FakeServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """As reasoning models refuse a temperature, and some servers top_p besides."""

    def script(request: Request) -> Reply | Refusal:
        for name in ("temperature", "top_p"):
            if name in request.body:
                return Refusal(status, f"'{name}' does not support 0.0 with this model.")
        return Reply.of("2")

    fake_server.script = script

    async def twice(chat: StoredChat) -> None:
        for number in (1, 2):
            assert await chat(say(f"1+{number}?")) == ModelReply("2")

    talk(fake_server, tmp_path, twice)
    sent = [("temperature" in r.body, "top_p" in r.body) for r in fake_server.requests]
    assert sent == [(True, True), (False, True), (False, False), (False, False)]
    assert caplog.text.count("refuses temperature") == caplog.text.count("refuses top_p") == 1


async def ask_in_turn(chat: StoredChat) -> int:
    """How many of ten requests were refused."""
    refused = 0
    for number in range(10):
        try:
            await chat(say(f"1+{number}?"))
        except RefusedError:
            refused += 1
    return refused


def test_a_server_that_refuses_all_in_the_same_words_ends_the_run(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = lambda _: Refusal(400, "no such format")
    with pytest.raises(ServerError, match=r"refused the first 5 requests.*no such format"):
        talk(fake_server, tmp_path, ask_in_turn)
    assert len(fake_server.requests) == MOST_REFUSED


@pytest.mark.parametrize("answered", [0, 3, None])
def test_refusals_of_single_requests_end_no_run(
    fake_server: FakeServer, tmp_path: Path, answered: int | None
) -> None:
    """One is answered; or none is, but each refusal has words of its own."""

    def script(request: Request) -> Reply | Refusal:
        if request.context == f"1+{answered}?":
            return Reply.of("2")
        return Refusal(400, "too long" if answered is not None else f"{request.context} is long")

    fake_server.script = script
    assert talk(fake_server, tmp_path, ask_in_turn) == (9 if answered is not None else 10)


def test_what_is_missing_is_told_and_not_sent(fake_server: FakeServer, tmp_path: Path) -> None:
    missing = list[StoredRequest]()

    async def work(chat: StoredChat) -> None:
        chat.on_missing = missing.append
        with pytest.raises(Postponed):
            await chat(say("1+1?"))

    talk(fake_server, tmp_path, work)
    assert [request.messages for request in missing] == [tuple(say("1+1?"))]
    assert fake_server.requests == []


def test_cost_is_that_of_the_tokens(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda _: Reply.of("the sum is 2")

    async def work(chat: StoredChat) -> str:
        await chat(say("1+1?"))
        return chat.summary()

    summary = talk(fake_server, tmp_path, work, price=PRICE)
    assert summary == (
        "Requests: 1 sent, 0 answers from the store; 0 answers truncated, "
        "0 requests for a better answer; retries: none.\n"
        "Tokens: 1 in (0 of them cached), 3 out; $4.0000."
    )
    (stored,) = ResponseStore(tmp_path).all()
    assert (stored.prompt_tokens, stored.completion_tokens, stored.cost) == (1, 3, 4.0)


def test_an_answer_whose_price_cannot_be_computed_is_kept(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    def dollars(usage: Usage) -> float:
        if usage.completion == 3:
            raise ValueError("no such tier")
        return 120.0

    fake_server.script = lambda _: Reply.of("the sum is 2")
    answer = talk(fake_server, tmp_path, ask("1+1?"), price=Price("a table", dollars))
    (stored,) = ResponseStore(tmp_path).all()
    assert (answer.text, stored.cost) == ("the sum is 2", 120.0)


def test_without_a_count_of_its_tokens_an_answer_costs_the_most_it_may(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": None}
    fake_server.script = lambda _: Reply(("the sum is 2",), fields={"usage": usage})
    talk(fake_server, tmp_path, ask("1+1?"), price=PRICE)
    (stored,) = ResponseStore(tmp_path).all()
    assert stored.cost == 4 + 16 + 100


def test_an_answer_that_cannot_be_read_is_stored_and_paid_for_once(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    choices = [{"message": {"content": [1]}, "finish_reason": "stop"}]
    fields = {"choices": choices, "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    fake_server.script = lambda _: Reply((), fields=fields)
    budget = MoneyBudget(limit=150.0)
    for _ in range(2):
        assert talk(fake_server, tmp_path, ask("1+1?"), price=PRICE, budget=budget) == ModelReply(
            ""
        )
    (stored,) = ResponseStore(tmp_path).all()
    assert (stored.cost, budget.spent, len(fake_server.requests)) == (15.0, 15.0, 1)


def test_an_unfinished_answer_is_paid_for_and_asked_again_a_bounded_number_of_times(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fields = {"usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    fake_server.script = lambda _: Reply(("We",), ending="content_filter", fields=fields)
    budget = MoneyBudget(limit=1000.0)
    for run in (1, 2):
        with pytest.raises(TransientError, match="content_filter"):
            talk(fake_server, tmp_path, ask("1+1?"), price=PRICE, budget=budget)
        tries = run * PAID.tries_of[UnfinishedError]
        assert (len(fake_server.requests), budget.spent) == (tries, 15.0 * tries)
        assert sum(stored.cost or 0.0 for stored in ResponseStore(tmp_path).all()) == budget.spent
    fake_server.script = lambda _: Reply.of("2")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")


def test_a_stored_answer_that_is_none_is_asked_for_again(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    fake_server.script = lambda _: Reply.of("2")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")
    (path,) = tmp_path.glob("??/*.json")
    path.write_text(path.read_text("utf-8").replace('"stop"', '"abort"'), "utf-8")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")
    assert len(fake_server.requests) == 2


@pytest.mark.parametrize("name", ["cost", "prompt_tokens"])
def test_a_stored_number_beyond_all_bounds_is_damage(
    fake_server: FakeServer, tmp_path: Path, name: str
) -> None:
    """No sum of such numbers can be told."""
    fake_server.script = lambda _: Reply.of("2")
    assert talk(fake_server, tmp_path, ask("1+1?")) == ModelReply("2")
    (path,) = tmp_path.glob("??/*.json")
    stored = json.loads(path.read_text("utf-8"))
    stored["response"][name] = 10**400
    path.write_text(json.dumps(stored), "utf-8")
    assert not list(ResponseStore(tmp_path).all())


def test_the_limit_stops_before_the_request_that_could_exceed_it(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    """Each may cost 4 + 16 + 100 dollars and costs 4."""
    fake_server.script = lambda _: Reply.of("the sum is 2")
    budget = MoneyBudget(limit=125.0)

    async def work(chat: StoredChat) -> None:
        for number in range(9):
            await chat(say(f"1+{number}?"))

    with pytest.raises(CostError, match=r"\$8.00 is spent"):
        talk(fake_server, tmp_path, work, price=PRICE, budget=budget)
    assert len(fake_server.requests) == 2
    assert len(list(ResponseStore(tmp_path).all())) == 2


def test_the_limit_holds_where_connections_are_cut(fake_server: FakeServer, tmp_path: Path) -> None:
    """It may cost 120 dollars, and may have been billed when it is to be sent once more."""
    fake_server.script = lambda _: Reply.of(Fault.CUT)
    with pytest.raises(CostError, match="Stopped by --max_cost"):
        talk(fake_server, tmp_path, ask("1+1?"), budget=MoneyBudget(limit=200.0), price=PRICE)
    assert len(fake_server.requests) == 1


async def ask_all(chat: StoredChat, questions: Sequence[str]) -> None:
    async def work(question: str) -> None:
        await chat(say(question))

    await ModelAnnotator(chat, 3).run(questions, work, label="sums")


@pytest.mark.parametrize(
    "ending",
    [
        Refusal(429, headers={"Retry-After": "700"}),
        Refusal(429, code="insufficient_quota"),
        Refusal(402, "Insufficient Balance"),
        Refusal(401),
    ],
)
def test_a_run_that_ends_early_stores_what_is_in_flight(
    fake_server: FakeServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: Refusal,
) -> None:
    gate, together = fake_server.gate(), asyncio.Event()

    async def script(request: Request) -> Reply | Refusal:
        if len(fake_server.requests) == 3:
            together.set()
        await together.wait()
        if request.context == "3+3?":
            return ending
        return Reply.of(gate, str(2 * int(request.context[0])))

    fake_server.script = script
    monkeypatch.setattr(paid_requests.log, "warning", lambda *_: gate.open())  # says that it waits

    async def work(chat: StoredChat) -> None:
        await ask_all(chat, ["1+1?", "2+2?", "3+3?", "4+4?"])

    with pytest.raises(ServerError):
        talk(fake_server, tmp_path, work)
    assert sorted(stored.text for stored in ResponseStore(tmp_path).all()) == ["2", "4"]
    assert len(fake_server.requests) == 3


@pytest.mark.parametrize("times", [1, 2])
def test_a_cancelled_run_waits_for_what_is_in_flight_unless_cancelled_again(
    fake_server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    gate, all_sent, waits = fake_server.gate(), threading.Event(), asyncio.Event()

    def script(request: Request) -> Reply:
        if len(fake_server.requests) == 3:
            all_sent.set()
        return Reply.of(gate, str(2 * int(request.context[0])))

    fake_server.script = script
    monkeypatch.setattr(paid_requests.log, "warning", lambda *_: waits.set())

    async def work(chat: StoredChat) -> None:
        rows = [asyncio.create_task(chat(say(f"{n}+{n}?"))) for n in (1, 2, 3)]
        assert await asyncio.to_thread(all_sent.wait, PATIENCE)
        for row in rows:
            row.cancel()
        await waits.wait()
        if times == 1:
            gate.open()
        else:
            for row in rows:
                row.cancel()
        outcomes = await asyncio.gather(*rows, return_exceptions=True)
        assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes)

    talk(fake_server, tmp_path, work)
    expected = ["2", "4", "6"] if times == 1 else []
    assert sorted(stored.text for stored in ResponseStore(tmp_path).all()) == expected
