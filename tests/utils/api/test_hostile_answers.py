"""Whatever answers a request, only errors of ours leave the client, and within its timeout."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Awaitable, Callable

import pytest
from sprint.utils.api.batch_server import BatchServer, read_line
from sprint.utils.api.completion import LONGEST_TOKEN, ROOM, Completion, UnfinishedError
from sprint.utils.api.finish_reasons import FinishReason
from sprint.utils.api.replicas import Replicas
from sprint.utils.api.retry import without_waits
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import (
    CallError,
    MalformedError,
    NoServerError,
    ServerError,
    SilentError,
    TransientError,
)
from support.fake_server import MODEL, FakeServer, Reply
from support.hostile_answers import (
    DEEP,
    DIGITS,
    ENDLESS,
    MALFORMED,
    PAUSE,
    Kind,
    answer,
    choice,
    events,
    forever,
    once,
)
from support.hostile_server import HostileServer
from support.limits import PATIENCE

SAMPLING = Sampling(max_tokens=16, temperature=0.0)
SHORT = 0.4
"""Seconds of silence after which a call ends here."""
KINDS = {**MALFORMED, **ENDLESS}
Ask = Callable[[ModelServer], Awaitable[object]]

ASKED: dict[str, Ask] = {
    "completion": lambda server: server.complete("Why?", SAMPLING),
    "chat": lambda server: server.chat([{"role": "user", "content": "Why?"}], SAMPLING),
    "batch": lambda server: BatchServer(server).status("batch_1"),
    "batches": lambda server: BatchServer(server).find("name", since=0.0),
}


def ask(server: HostileServer, what: Ask, timeout: float = SHORT) -> object:
    async def main() -> object:
        async with ModelServer(server.url, MODEL, timeout=timeout) as client:
            return await what(client)

    return asyncio.run(asyncio.wait_for(main(), PATIENCE))


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_no_answer_is_a_failed_call_that_may_pass(kind: str) -> None:
    with HostileServer({kind: MALFORMED[kind]}) as server:
        for what in ASKED.values():
            with pytest.raises(TransientError) as caught:
                ask(server, what, timeout=20.0)
            assert "\n" not in str(caught.value)
            assert len(str(caught.value)) < 600
            assert not isinstance(caught.value, SilentError)


@pytest.mark.parametrize("kind", ENDLESS)
@pytest.mark.parametrize("what", ["completion", "chat"])
def test_an_answer_without_an_end_is_a_failed_call(kind: str, what: str) -> None:
    with HostileServer({kind: ENDLESS[kind]}) as server, pytest.raises(TransientError):
        ask(server, ASKED[what])


@pytest.mark.parametrize("kind", [*MALFORMED, "silence", "a body, byte by byte"])
def test_a_server_that_answers_nothing_else_is_none(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sprint.utils.api.server.CHECK_TIMEOUT", SHORT)
    with (
        HostileServer({kind: KINDS[kind]}) as server,
        pytest.raises((ServerError, TransientError)),
        without_waits(),
    ):
        ask(server, lambda client: client.check())


def test_an_ssh_port_is_no_server() -> None:
    with (
        HostileServer({"ssh": MALFORMED["an SSH port"]}) as server,
        pytest.raises(NoServerError, match="not an OpenAI-compatible server"),
    ):
        ask(server, lambda client: client.check())


def test_a_bad_answer_to_the_check_is_asked_again(fake_server: FakeServer) -> None:
    """Of four tries the last comes through."""
    with HostileServer({"a": MALFORMED["a list"]}, fake_server.url, share=0.7, seed=4) as server:
        ask(server, lambda client: client.check())
        assert server.met.total()


def test_text_beyond_the_longest_reply_is_not_kept() -> None:
    with HostileServer({"text": ENDLESS["text"]}) as server:
        heard = list[str]()

        def listen(piece: str) -> bool:
            heard.append(piece)
            return False

        with pytest.raises(MalformedError, match="16 tokens"):
            ask(server, lambda client: client.complete("Why?", SAMPLING, listen), timeout=60.0)
    assert sum(map(len, heard)) <= LONGEST_TOKEN * 16 + ROOM


def test_a_fault_of_our_own_is_not_the_servers(fake_server: FakeServer) -> None:
    def broken(_: str) -> bool:
        raise ZeroDivisionError

    fake_server.script = lambda _: Reply.of("text")

    async def main() -> None:
        async with ModelServer(fake_server.url, MODEL) as client:
            await client.complete("Why?", SAMPLING, broken)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())


@pytest.mark.parametrize(
    "line",
    [
        DEEP,
        b'{"custom_id": "a", "response": {"status_code": Infinity}}',
        b'{"custom_id": "a", "response": {"status_code": ' + DIGITS + b"}}",
        b'{"custom_id": "a", "response": [1]}',
        b'{"custom_id": "a", "response": {"status_code": 200, "body": {"choices": 5}}}',
        b"\x00" * 50,
        b'{"custom_id": "a", "error": [[]]}',
    ],
)
def test_a_line_of_results_that_is_none(line: bytes) -> None:
    read = read_line(line)
    assert read is None or isinstance(read.outcome, CallError)


def test_a_server_that_answers_nonsense_is_passed_over(fake_server: FakeServer) -> None:
    """All calls come through the other one, and it is asked three times before it rests."""
    fake_server.script = lambda _: Reply.of("four")

    async def main(url: str) -> list[str]:
        servers = [ModelServer(it, MODEL) for it in (url, fake_server.url)]
        async with Replicas(servers) as replicas:
            await replicas.check()
            replicas._replicas[0].rests_until = 0.0
            texts = list[str]()
            for number in range(20):
                with replicas.for_problem(f"problem {number}") as server:
                    texts.append((await server.complete("Why?", SAMPLING)).text)
        return texts

    before_text = ("an SSH port", "a list", "header of 200 KB", "chunk of size zz", "299", "null")
    kinds = {kind: MALFORMED[kind] for kind in before_text}
    with HostileServer(kinds, seed=1) as hostile:
        assert asyncio.run(main(hostile.url)) == ["four"] * 20
        assert hostile.requests <= 4 + 3


def test_a_server_that_hangs_rests_after_its_first_timeout(fake_server: FakeServer) -> None:
    """The other one may be as slow as it likes, and the rest of 30 s does not end."""
    fake_server.script = lambda _: Reply.of("four")

    async def main(url: str) -> int:
        timeouts = {url: SHORT, fake_server.url: PATIENCE}
        servers = [ModelServer(it, MODEL, timeout=seconds) for it, seconds in timeouts.items()]
        silent = 0
        async with Replicas(servers, clock=lambda: 0.0) as replicas:
            for number in range(20):
                with replicas.for_problem(f"problem {number}") as server:
                    try:
                        await server.complete("Why?", SAMPLING)
                    except SilentError:
                        silent += 1
                        assert (await server.complete("Why?", SAMPLING)).text == "four"
        return silent

    with HostileServer({"comments": ENDLESS["comments"]}) as hostile:
        assert asyncio.run(main(hostile.url)) == 1
        assert hostile.requests <= 1  # none, where it had no time to read the first
    assert len(fake_server.requests) == 20


def test_errors_keep_their_kind_between_processes() -> None:
    for error in (SilentError("silent"), MalformedError("odd"), UnfinishedError("url", "abort")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.kind) == (type(error), str(error), error.kind)
        assert isinstance(again, CallError)


END = events(choice(text="Four.", finish_reason="stop"))
MORE = b"data: " + json.dumps(choice(text="more")).encode() + b"\n\n"
BEHIND: dict[str, Kind] = {
    "comments": forever(END, b": still here\n\n", PAUSE),
    "text": forever(END, MORE, PAUSE),
    "silence": forever(END, b"", 0.1),
    "no JSON": once(END + b"data: {oops\n\n"),
    "an error": once(END + b'data: {"error": "out of memory"}\n\n'),
    "another end": once(END + b"data: " + json.dumps(choice(finish_reason="abort")).encode()),
    "no event": once(END + b"a" * 100_000),
}


@pytest.mark.parametrize("kind", BEHIND)
def test_what_follows_the_end_of_an_answer_changes_nothing(kind: str) -> None:
    with HostileServer({kind: BEHIND[kind]}) as server:
        completion = ask(server, ASKED["completion"])
    assert isinstance(completion, Completion)
    assert completion.text == "Four."
    assert completion.finish_reason == FinishReason.STOP


@pytest.mark.parametrize(
    "message", [[1], "text", 5, {"content": [{"type": "text", "text": {"a": 1}}]}]
)
def test_a_message_of_another_shape_is_no_answer(message: object) -> None:
    body = {"choices": [{"message": message, "finish_reason": "stop"}]}
    with (
        HostileServer({"odd": once(answer(json.dumps(body).encode()))}) as server,
        pytest.raises(MalformedError),
    ):
        ask(server, ASKED["chat"])
