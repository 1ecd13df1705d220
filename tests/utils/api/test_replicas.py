"""Several servers of one model: where a problem goes, and where it goes when its server is gone."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from aiohttp import web
from sprint.utils.api.finish_reasons import FinishReason
from sprint.utils.api.replicas import FEW_CALLS, Replicas, open_servers
from sprint.utils.api.retry import without_waits
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import CallError, FailedError, InputError, TransientError, UnreachableError
from support.fake_server import MODEL, FakeServer, Fault, Refusal, Reply
from support.limits import PATIENCE

NOWHERE = "http://127.0.0.1:1/v1"
SAMPLING = Sampling(max_tokens=9, temperature=0.0)
IDS = [f"test_{number}" for number in range(40)]


@pytest.fixture
def pair() -> Iterator[list[FakeServer]]:
    with FakeServer() as first, FakeServer() as second:
        for server in (first, second):
            server.script = lambda _: Reply.of("2")
        yield [first, second]


def run(urls: list[str], work: Callable[[Replicas], Awaitable[None]]) -> None:
    async def main() -> None:
        servers = [ModelServer(url, MODEL) for url in urls]
        async with asyncio.timeout(PATIENCE), Replicas(servers) as replicas:
            await work(replicas)

    asyncio.run(main())


def urls_of(servers: list[FakeServer]) -> list[str]:
    return [server.url for server in servers]


async def where(replicas: Replicas, problem: str) -> str:
    with replicas.for_problem(problem) as home:
        return (await home.complete("1+1=", SAMPLING)).server


def test_a_problem_finds_its_server_again(pair: list[FakeServer]) -> None:
    async def work(replicas: Replicas) -> None:
        first = [await where(replicas, problem) for problem in IDS]
        assert [await where(replicas, problem) for problem in IDS] == first
        assert set(first) == set(urls_of(pair))

    run(urls_of(pair), work)


def test_problems_in_flight_are_shared_out(pair: list[FakeServer]) -> None:
    async def work(replicas: Replicas) -> None:
        with ExitStack() as stack:
            homes = [stack.enter_context(replicas.for_problem(problem)) for problem in IDS]
            places = Counter([(await home.complete("1", SAMPLING)).server for home in homes])
        assert max(places.values()) <= 1.25 * len(IDS) / 2

    run(urls_of(pair), work)


def test_a_server_that_is_gone_loses_no_problem(pair: list[FakeServer]) -> None:
    async def work(replicas: Replicas) -> None:
        assert {await where(replicas, problem) for problem in IDS} == {pair[0].url}

    run([NOWHERE, pair[0].url], work)


def test_a_server_that_is_gone_is_left_alone_for_a_while(
    pair: list[FakeServer], caplog: pytest.LogCaptureFixture
) -> None:
    now = 0.0

    async def main() -> None:
        nonlocal now
        servers = [ModelServer(url, MODEL) for url in (NOWHERE, pair[0].url)]
        async with Replicas(servers, clock=lambda: now) as replicas:
            for _ in range(2):
                for problem in IDS:
                    await where(replicas, problem)
                now += 100.0

    asyncio.run(main())
    told = [message for message in caplog.messages if NOWHERE in message]
    assert len(told) == 2  # once before, once after the rest


def test_a_busy_server_is_passed_over(pair: list[FakeServer]) -> None:
    pair[0].script = lambda _: Refusal(429)

    async def work(replicas: Replicas) -> None:
        assert {await where(replicas, problem) for problem in IDS} == {pair[1].url}

    run(urls_of(pair), work)


def test_a_server_whose_calls_pile_up_is_passed_over(pair: list[FakeServer]) -> None:
    gate = pair[0].gate()
    pair[0].script = lambda _: Reply.of(gate, "2")

    async def work(replicas: Replicas) -> None:
        problem = next(one for one in IDS if replicas._ranked(one)[0].server.url == pair[0].url)
        with replicas.for_problem(problem) as home:
            async with asyncio.TaskGroup() as group:
                calls = [
                    group.create_task(home.complete("1", SAMPLING)) for _ in range(FEW_CALLS + 1)
                ]
                done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
                assert {call.result().server for call in done} == {pair[1].url}
                gate.open()

    run(urls_of(pair), work)


def test_a_problem_moves_when_its_calls_keep_breaking_off(pair: list[FakeServer]) -> None:
    pair[0].script = lambda _: Reply.of("1", Fault.CUT)

    async def work(replicas: Replicas) -> None:
        problem = next(one for one in IDS if replicas._ranked(one)[0].server.url == pair[0].url)
        with replicas.for_problem(problem) as home:
            for _ in range(2):
                with pytest.raises(TransientError, match="broke off"):
                    await home.complete("1", SAMPLING)
            assert (await home.complete("1", SAMPLING)).server == pair[1].url

    run(urls_of(pair), work)


def test_calls_fail_where_every_server_is_busy(pair: list[FakeServer]) -> None:
    for server in pair:
        server.script = lambda _: Refusal(429)

    async def work(replicas: Replicas) -> None:
        with pytest.raises(CallError):
            await where(replicas, IDS[0])

    with without_waits():
        run(urls_of(pair), work)
    assert len(pair[0].requests) == len(pair[1].requests) == 5


def test_no_server_at_all_is_an_error_of_the_run() -> None:
    async def work(replicas: Replicas) -> None:
        with pytest.raises(UnreachableError):
            await replicas.check()
        with pytest.raises(UnreachableError):
            await where(replicas, IDS[0])

    with without_waits():
        run([NOWHERE, "http://127.0.0.1:2/v1"], work)


def test_a_check_is_content_with_one_server(pair: list[FakeServer]) -> None:
    run([NOWHERE, pair[0].url], Replicas.check)


def opened(text: str) -> list[str]:
    return open_servers(text, MODEL, 1.0, "completions").urls


def test_urls_stand_in_a_list() -> None:
    assert opened(f"{NOWHERE}/") == opened(f"{NOWHERE}, {NOWHERE}/") == [NOWHERE]
    assert opened(f"{NOWHERE},http://127.0.0.1:2/v1") == [NOWHERE, "http://127.0.0.1:2/v1"]
    with pytest.raises(InputError, match="names no server"):
        open_servers(" , ", MODEL, 1.0, "completions")


def test_a_server_that_hangs_loses_its_problems_to_another(pair: list[FakeServer]) -> None:
    """A call that ends at its deadline without a word counts as cut."""
    hanging, well = pair

    async def work(replicas: Replicas) -> None:
        hanging.script = lambda _: Reply.of(hanging.gate())
        mine = next(one for one in IDS if replicas._ranked(one)[0].server.url == hanging.url)
        with replicas.for_problem(mine) as home:
            calls = [await home.complete("1+1=", replace(SAMPLING, deadline=1.0)) for _ in range(3)]
        assert [call.finish_reason for call in calls] == [
            FinishReason.DEADLINE,
            FinishReason.DEADLINE,
            "stop",
        ]
        assert calls[-1].server == well.url

    run(urls_of(pair), work)


def test_a_deadline_ends_the_waits_between_rounds_too(pair: list[FakeServer]) -> None:
    """Both servers want ten minutes, which the test does not have."""
    for server in pair:
        server.script = lambda _: Refusal(429, headers={"Retry-After": "600"})

    async def work(replicas: Replicas) -> None:
        with replicas.for_problem("test") as home:
            async with asyncio.timeout(PATIENCE):
                call = await home.complete("1+1=", replace(SAMPLING, deadline=0.2))
        assert (call.finish_reason, call.text) == (FinishReason.DEADLINE, "")

    run(urls_of(pair), work)


def test_a_server_that_is_still_loading_is_passed_over(pair: list[FakeServer]) -> None:
    class Loading(ModelServer):
        async def check(self) -> None:
            raise FailedError("loading")

    async def main() -> None:
        servers = [Loading(pair[0].url, MODEL), ModelServer(pair[1].url, MODEL)]
        async with asyncio.timeout(PATIENCE), Replicas(servers) as replicas:
            await replicas.check()
            assert {await where(replicas, problem) for problem in IDS} == {pair[1].url}

    asyncio.run(main())


class Dropping(FakeServer):
    """Closes the connection of its first request without a word."""

    dropped = False

    async def _completions(self, http: web.Request) -> web.StreamResponse:
        if not self.dropped:
            self.dropped = True
            assert http.transport is not None
            http.transport.abort()
            return web.Response()
        return await super()._completions(http)


def test_one_dropped_connection_makes_no_server_rest() -> None:
    with Dropping() as first, FakeServer() as second:
        for server in (first, second):
            server.script = lambda _: Reply.of("2")

        async def work(replicas: Replicas) -> None:
            mine = [one for one in IDS if replicas._ranked(one)[0].server.url == first.url]
            places = [await where(replicas, problem) for problem in mine]
            assert places == [second.url] + [first.url] * (len(mine) - 1)

        run([first.url, second.url], work)
