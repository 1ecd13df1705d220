from __future__ import annotations

from dataclasses import replace

import pytest
from sprint.utils.latency.ledger_work import further_streams, ledger_rounds
from sprint.utils.latency.priced_path import CallWork, ExecutorWork, RoundWork
from sprint.utils.records import Call
from support.result_folders import call


def work(one: Call, prompt: int, cached: int, generated: int) -> Call:
    return replace(one, prompt_tokens=prompt, cached_tokens=cached, completion_tokens=generated)


def test_an_executor_has_waited_for_its_part_of_the_plan() -> None:
    """The planner writes from 0.5 to 4.5 s; the executor could start at 2.5 s."""
    calls = [
        work(call(1, 0, 0, 4.5), 100, 64, 40),
        replace(work(call(1, 1, 3, 9), 120, 112, 30), ready=2.5),
        work(call(2, 0, 9, 10), 200, 0, 10),
    ]
    assert ledger_rounds(calls) == [
        RoundWork(CallWork(36, 40), (ExecutorWork(20, (CallWork(8, 30),)),)),
        RoundWork(CallWork(200, 10)),
    ]


def test_an_executor_after_the_plan_has_waited_for_all_of_it() -> None:
    calls = [work(call(1, 0, 0, 4), 1, 0, 40), work(call(1, 1, 5, 9), 1, 0, 30)]
    assert ledger_rounds(calls)[0].executors[0].after == 40


def test_a_discarded_plan_is_a_round_of_its_own() -> None:
    calls = [
        work(call(1, 0, 0, 2, kept=False), 10, 0, 5),
        work(call(1, 1, 1, 3, kept=False), 10, 0, 5),
        work(call(1, 0, 4, 6), 10, 0, 7),
    ]
    assert ledger_rounds(calls) == [RoundWork(CallWork(10, 5)), RoundWork(CallWork(10, 7))]


def test_a_repeated_execution_is_one_stream() -> None:
    calls = [
        work(call(1, 0, 0, 4), 10, 0, 5),
        work(call(1, 1, 4, 5, kept=False), 10, 0, 6),
        work(call(1, 1, 5, 9), 10, 10, 7),
    ]
    assert ledger_rounds(calls)[0].executors[0].attempts == (CallWork(10, 6), CallWork(0, 7))


def test_without_a_planner_all_start_at_once() -> None:
    calls = [work(call(0, 1, 0, 4), 10, 0, 5), work(call(0, 2, 0, 6), 10, 0, 8)]
    assert ledger_rounds(calls) == [
        RoundWork(None, (ExecutorWork(0, (CallWork(10, 5),)), ExecutorWork(0, (CallWork(10, 8),))))
    ]


def test_streams_count_while_they_generate() -> None:
    """The first generates from 0.5 to 4.5 s, the second from 2.5 to 4.5 s, the third alone."""
    calls = [call(1, 0, 0, 4.5), call(1, 1, 2, 4.5), call(2, 0, 5, 9)]
    assert further_streams(calls) == pytest.approx([0.5, 1, 0])


def test_a_call_without_a_token_has_no_streams_beside_it() -> None:
    failed = replace(call(1, 0, 0, 4.5), first_token=0)
    assert further_streams([failed, call(1, 1, 1, 4)]) == [0, 0]
