from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.latency.priced_path import (
    CallWork,
    ExecutorWork,
    RoundWork,
    TimePrices,
    priced_seconds,
)

works = st.builds(CallWork, st.integers(0, 300), st.integers(0, 300))
rounds = st.builds(
    RoundWork,
    st.none() | works,
    st.lists(
        st.builds(
            ExecutorWork, st.integers(0, 400), st.lists(works, min_size=1, max_size=2).map(tuple)
        ),
        max_size=4,
    ).map(tuple),
)
prices = st.builds(
    TimePrices,
    st.floats(1e-4, 1e-1),
    st.floats(0, 1e-3),
    st.floats(0, 1e-2),
    st.floats(0, 1),
)


def executor(after: float, *attempts: tuple[float, float]) -> ExecutorWork:
    return ExecutorWork(after, tuple(CallWork(*one) for one in attempts))


def test_a_call_costs_its_tokens_and_itself() -> None:
    work = [RoundWork(CallWork(prompt=30, generated=10))]
    assert priced_seconds(work, TimePrices(2, 0.5, call=7)) == pytest.approx(7 + 15 + 20)


def test_rounds_follow_each_other() -> None:
    work = [RoundWork(CallWork(0, 10)), RoundWork(CallWork(0, 5))]
    assert priced_seconds(work, TimePrices(1, call=1)) == pytest.approx(11 + 6)


def test_an_executor_starts_when_its_prompt_is_written() -> None:
    work = [RoundWork(CallWork(0, 10), (executor(4, (2, 20)),))]
    assert priced_seconds(work, TimePrices(1, 1, call=1)) == pytest.approx(1 + 4 + 1 + 2 + 20)


def test_the_plan_may_end_last() -> None:
    work = [RoundWork(CallWork(0, 30), (executor(4, (0, 5)),))]
    assert priced_seconds(work, TimePrices(1)) == pytest.approx(30)


def test_attempts_follow_each_other() -> None:
    work = [RoundWork(CallWork(0, 10), (executor(10, (0, 3), (0, 4)),))]
    assert priced_seconds(work, TimePrices(1, call=1)) == pytest.approx(11 + 4 + 5)


def test_further_streams_make_tokens_slower() -> None:
    """Two streams for 10 tokens each at 1.5 s, then one for 5 tokens at 1 s."""
    work = [RoundWork(None, (executor(0, (0, 10)), executor(0, (0, 15))))]
    assert priced_seconds(work, TimePrices(1, further_stream=0.5)) == pytest.approx(15 + 5)


def test_a_stream_that_waits_for_its_prompt_slows_nobody() -> None:
    work = [RoundWork(None, (executor(0, (0, 10)), executor(0, (10, 10))))]
    assert priced_seconds(work, TimePrices(1, 1, further_stream=5)) == pytest.approx(10 + 10)


def test_absurd_numbers_end_too() -> None:
    """A ledger may be damaged, and sums of large numbers miss whole tokens."""
    most = 2.0**53
    work = [RoundWork(CallWork(0, most), tuple(executor(most / k, (0, 1)) for k in (3, 7, 1)))]
    assert priced_seconds(work, TimePrices(0.1, further_stream=0.3)) > 0.1 * most


def test_without_work_no_time_passes() -> None:
    assert priced_seconds([], TimePrices(1)) == 0
    assert priced_seconds([RoundWork(None)], TimePrices(1, call=1)) == 0


@given(rounds, prices)
def test_without_a_price_of_streams_a_round_is_a_maximum(
    work: RoundWork, price: TimePrices
) -> None:
    """The definition of sequential tokens, with seconds in the place of tokens."""
    free = price._replace(further_stream=0)

    def alone(call: CallWork) -> float:
        return free.call + free.prompt_token * call.prompt + free.token * call.generated

    planner = work.planner
    start = free.call + free.prompt_token * planner.prompt if planner else 0.0
    ends = [alone(planner) if planner else 0.0]
    for one in work.executors:
        written = min(one.after, planner.generated) if planner else 0
        ends.append(start + free.token * written + sum(map(alone, one.attempts)))
    assert priced_seconds([work], free) == pytest.approx(max(ends), abs=1e-6)


@given(rounds, prices)
def test_parallel_calls_take_at_most_as_long_as_one_after_another(
    work: RoundWork, price: TimePrices
) -> None:
    free = price._replace(further_stream=0)
    calls = [one for stream in work.executors for one in stream.attempts]
    calls += [work.planner] if work.planner else []
    serial = priced_seconds([RoundWork(call) for call in calls], free)
    assert priced_seconds([work], free) <= serial + 1e-6


@given(rounds, prices)
def test_a_higher_price_never_shortens_the_path(work: RoundWork, price: TimePrices) -> None:
    dearer = price._replace(further_stream=price.further_stream * 2)
    assert priced_seconds([work], dearer) >= priced_seconds([work], price) - 1e-6
