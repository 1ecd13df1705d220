from __future__ import annotations

import asyncio

import pytest
from sprint.utils.api.sampling import Sampling
from sprint.utils.api.server import ModelServer
from sprint.utils.errors import CallError, FormatError
from sprint.utils.methods.ledger import Ledger
from sprint.utils.records import CallPlace
from support.fake_server import MODEL, FakeServer, Refusal, Reply
from support.limits import PATIENCE

SAMPLING = Sampling(max_tokens=50, temperature=0)


def refuse_text(_: str) -> bool:
    raise FormatError("not like this")


async def ask_thrice(url: str, ledger: Ledger) -> None:
    """One call that goes well, one that its reader refuses, one that the server refuses."""
    async with (
        asyncio.timeout(PATIENCE),
        ModelServer(url, MODEL) as server,
    ):
        await ledger.ask(server, "well", SAMPLING, place=CallPlace("planner", 2))
        with pytest.raises(FormatError):
            await ledger.ask(
                server, "read", SAMPLING, place=CallPlace("planner"), on_text=refuse_text
            )
        place = CallPlace("executor", prompt=3)
        with pytest.raises(CallError):
            await ledger.ask(server, "refused", SAMPLING, place=place, attempt=2)


@pytest.fixture
def ledger(fake_server: FakeServer) -> Ledger:
    fake_server.script = lambda request: (
        Refusal(500, "no memory") if request.context == "refused" else Reply.of("some text")
    )
    made = Ledger("p1")
    asyncio.run(ask_thrice(fake_server.url, made))
    return made


def test_every_request_is_entered_whatever_became_of_it(ledger: Ledger) -> None:
    assert [(call.kept, call.finish_reason) for call in ledger.calls] == [
        (True, "stop"),
        (False, ""),
        (False, ""),
    ]
    assert [call.error for call in ledger.calls[:2]] == ["", "not like this"]
    assert "no memory" in ledger.calls[2].error
    assert {call.problem_id for call in ledger.calls} == {"p1"}


def test_a_call_says_what_it_was_for(ledger: Ledger) -> None:
    first, _, last = ledger.calls
    assert (first.role, first.phase, first.prompt, first.attempt) == ("planner", 2, 0, 1)
    assert (last.role, last.phase, last.prompt, last.attempt) == ("executor", 0, 3, 2)


def test_times_count_from_the_beginning_of_the_problem(ledger: Ledger) -> None:
    ends = [0.0, *(time for call in ledger.calls for time in (call.started, call.finished))]
    assert ends == sorted(ends)
    assert ends[-1] <= ledger.elapsed() + 1e-4


def test_discarding_keeps_earlier_calls_and_earlier_reasons(ledger: Ledger) -> None:
    ledger.discard_since(1, "the plan was malformed")
    assert [call.kept for call in ledger.calls] == [True, False, False]
    assert ledger.calls[1].error == "not like this"
    ledger.discard_since(0, "the plan was malformed")
    assert (ledger.calls[0].kept, ledger.calls[0].error) == (False, "the plan was malformed")
