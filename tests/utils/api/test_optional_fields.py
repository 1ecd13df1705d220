"""Fields that a server may refuse are tried, and left out from then on."""

from __future__ import annotations

import asyncio

import pytest
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.api.token_trace import TokenTrace
from support.fake_server import MODEL, FakeServer, Refusal, Reply
from support.limits import PATIENCE

FIELDS = ("include_stop_str_in_output", "return_token_ids", "priority")
SAMPLING = Sampling(max_tokens=9, temperature=0.0, stop=("</end>",), priority=1)


def sent_fields(server: FakeServer, calls: int) -> list[list[str]]:
    """The optional fields of each request that `calls` calls make."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE), ModelServer(server.url, MODEL) as client:
            for _ in range(calls):
                await client.complete("1+1=", SAMPLING, trace=TokenTrace("1+1="))

    asyncio.run(main())
    return [[name for name in FIELDS if name in request.body] for request in server.requests]


def test_all_are_sent_to_a_server_that_takes_them(fake_server: FakeServer) -> None:
    fake_server.script = lambda _: Reply.of("2</end>")
    assert sent_fields(fake_server, 2) == [list(FIELDS)] * 2


@pytest.mark.parametrize("refused", FIELDS)
def test_the_one_that_a_refusal_names_is_left_out_from_then_on(
    fake_server: FakeServer, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    fake_server.script = lambda _: Reply.of("2</end>")
    fake_server.refuses = {refused}
    others = [name for name in FIELDS if name != refused]
    after = [name for name in others if name == "priority"] if refused == FIELDS[0] else others
    assert sent_fields(fake_server, 2) == [list(FIELDS), others, after]
    assert [refused in message for message in caplog.messages] == [True]


def test_all_are_left_out_where_a_refusal_names_none(fake_server: FakeServer) -> None:
    fake_server.script = lambda request: (
        Refusal(400, "no") if "priority" in request.body else Reply.of("2</end>")
    )
    assert sent_fields(fake_server, 2) == [list(FIELDS), [], []]
