from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.utils.errors import InputError
from sprint.utils.latency.fitting import fit_prices, non_negative, path_quality, wall_clock_quality
from sprint.utils.latency.priced_path import TimePrices
from sprint.utils.records import Call
from support.result_folders import CALL

PRICES = TimePrices(token=0.004, prompt_token=0.0001, further_stream=0.001, call=0.02)


def problem(number: int, prices: TimePrices = PRICES) -> list[Call]:
    """A plan, then two executions side by side, at exactly these prices."""
    name = f"p{number}"

    def made(role: str, prompt: int, phase: int, start: float, tokens: int, others: int) -> Call:
        uncached = 30 + 7 * (number % 5) + 90 * phase
        first = start + prices.call + prices.prompt_token * uncached
        rate = prices.token + prices.further_stream * others
        return replace(
            CALL,
            problem_id=name,
            role=role,
            prompt=prompt,
            phase=phase,
            started=start,
            first_token=first,
            finished=first + rate * tokens,
            prompt_tokens=uncached + 64,
            cached_tokens=64,
            completion_tokens=tokens,
        )

    plan = made("planner", 0, 1, 0, 50 + 13 * (number % 7), 0)
    pair = [made("executor", k, 1, plan.finished, 100 + 11 * number, 1) for k in (1, 2)]
    return [plan, *pair, made("planner", 0, 2, pair[0].finished, 20, 0)]


def run(count: int = 12) -> dict[str, Sequence[Call]]:
    return {f"p{number}": problem(number) for number in range(count)}


def test_the_prices_of_a_run_are_found_again() -> None:
    found = fit_prices(run(), {})
    assert found.prices == pytest.approx(PRICES, rel=1e-6)
    assert found.quality.r2 == pytest.approx(1)
    assert found.quality.undetermined == ()
    assert found.quality.wall_clock is None


def test_the_priced_path_of_a_run_is_its_measured_one() -> None:
    quality = path_quality(run(), PRICES)
    assert quality.problems == 12
    assert quality.correlation == pytest.approx(1)
    assert quality.median_error == pytest.approx(0, abs=1e-9)
    assert quality.ratio == pytest.approx(1)


def test_errors_are_relative_to_the_measured_seconds() -> None:
    dearer = TimePrices(*(1.1 * price for price in PRICES))
    quality = path_quality(run(), dearer)
    assert quality.median_error == pytest.approx(0.1)
    assert quality.error_90 == pytest.approx(0.1)


def test_without_concurrency_streams_have_no_price() -> None:
    serial = {name: [call for call in calls if not call.prompt] for name, calls in run().items()}
    found = fit_prices(serial, {})
    assert found.prices.further_stream == 0
    assert found.prices.token == pytest.approx(PRICES.token)
    assert found.quality.undetermined == ("further_stream",)
    assert found.quality.uncertainty["further_stream"] is None


def test_what_never_varies_apart_is_left_to_one_price() -> None:
    """Each call reads as many tokens: that may as well be the price of a call."""
    same = {
        name: [replace(call, prompt_tokens=100, cached_tokens=0) for call in calls]
        for name, calls in run().items()
    }
    quality = fit_prices(same, {}).quality
    assert len({"prompt_token", "call"} & {*quality.undetermined}) == 1
    assert quality.critical_path.median_error < 0.05


def test_a_prompt_token_is_never_dearer_than_a_generated_one() -> None:
    """What takes longer with the question is not its reading."""
    calls = {
        name: [replace(call, finished=call.finished + 0.01 * call.prompt_tokens) for call in mine]
        for name, mine in run().items()
    }
    found = fit_prices(calls, {})
    assert found.prices.prompt_token == 0
    assert "prompt_token" in found.quality.undetermined


def test_no_price_is_negative() -> None:
    """Longer prompts that are faster are a fluke."""
    odd = {
        name: [
            replace(call, finished=call.finished - 0.0002 * call.prompt_tokens) for call in calls
        ]
        for name, calls in run().items()
    }
    assert min(fit_prices(odd, {}).prices) >= 0


columns = st.lists(st.sampled_from([0, 0.5, 1, 2, 7]), min_size=4, max_size=4)


@given(st.lists(st.tuples(columns, st.floats(0, 10)), min_size=1, max_size=12))
def test_no_non_negative_prices_fit_better(calls: list[tuple[list[float], float]]) -> None:
    """No price would rise, and none but those at 0 would fall (Karush, Kuhn and Tucker)."""
    rows = np.array([row for row, _ in calls])
    seconds = np.array([second for _, second in calls])
    found = non_negative(rows, seconds)
    slope = rows.T @ (seconds - rows @ found)
    assert (found >= 0).all()
    assert (slope <= 1e-3).all()
    assert (np.abs(slope[found > 0]) <= 1e-3).all()


def test_discarded_calls_have_no_say() -> None:
    calls = run()
    failed = replace(calls["p0"][-1], kept=False, phase=3, started=9, finished=99, first_token=0)
    assert fit_prices({**calls, "p0": [*calls["p0"], failed]}, {}).prices == pytest.approx(
        PRICES, rel=1e-6
    )


def test_wall_clock_is_compared_where_it_is_known() -> None:
    calls = run()
    elapsed = {"p1": 2 * calls["p1"][-1].finished, "p2": 0.0}
    quality = wall_clock_quality(calls, elapsed, PRICES)
    assert quality is not None
    assert (quality.problems, quality.correlation) == (1, None)
    assert quality.median_error == pytest.approx(0.5)


def test_too_few_calls_have_no_prices() -> None:
    with pytest.raises(InputError, match="more than 4 kept calls"):
        fit_prices(run(1), {})


def test_calls_that_take_the_same_time_have_no_prices() -> None:
    flat = {
        name: [
            replace(call, finished=call.started + 1 + 1 / call.completion_tokens) for call in calls
        ]
        for name, calls in run().items()
    }
    with pytest.raises(InputError, match="no price"):
        fit_prices(flat, {})
