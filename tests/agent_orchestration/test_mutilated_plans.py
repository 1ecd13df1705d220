"""Whatever a planner writes, a problem ends, and what was discarded is counted."""

from __future__ import annotations

import asyncio
import random
from functools import partial

import mutilated_plans
import pytest
from support.limits import PATIENCE
from token_clock import served

PLANS = 250


def test_the_stream_parser_takes_any_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutilated_plans, "MEGABYTE", 5000)
    chance = random.Random(1)
    for number in range(4 * PLANS):
        mutilated_plans.through_parser(mutilated_plans.mutilated(f"test {number}"), chance)


def test_every_problem_ends_as_a_phase_an_answer_or_a_counted_retry() -> None:
    async def main(url: str) -> dict[str, int]:
        async with asyncio.timeout(3 * PATIENCE):
            return await mutilated_plans.orchestrate(url, PLANS, workers=8)

    with served(partial(mutilated_plans.Mutilating, 1)) as url:
        ends = asyncio.run(main(url))
    assert sum(ends.values()) == PLANS
    assert ends["a phase"] > 0
    assert ends["a final answer"] > 0
    assert any("retries" in name for name in ends)
