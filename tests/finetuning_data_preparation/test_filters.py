from __future__ import annotations

import pytest
from sprint.finetuning_data_preparation.config import Limits
from sprint.finetuning_data_preparation.dataset import choose_test
from sprint.finetuning_data_preparation.filters import Reason, why_dropped, why_too_long
from sprint.utils.records import Phase, PlanSegment, Trajectory


def trajectory(*prompts: int) -> Trajectory:
    """A trajectory with so many prompts in each phase."""
    phases = tuple(
        Phase(tuple(PlanSegment("So.", "Do.") for _ in range(n)), ("Done.",) * n) for n in prompts
    )
    return Trajectory("?", phases, "!")


@pytest.mark.parametrize(
    ("prompts", "components", "correct", "reason"),
    [
        ((2, 1), 3, True, None),
        ((2, 1), 3, False, Reason.WRONG_ANSWER),
        ((1, 1), 2, True, Reason.SERIAL),
        ((2,) * 11, 22, True, None),
        ((2,) * 12, 24, True, Reason.PHASES),
        ((8,), 8, True, None),
        ((1, 9), 10, True, Reason.PROMPTS),
    ],
)
def test_reasons(
    prompts: tuple[int, ...], components: int, correct: bool, reason: Reason | None
) -> None:
    assert why_dropped(trajectory(*prompts), components, correct, Limits()) is reason


@pytest.mark.parametrize(
    ("limit", "reason"),
    [(None, None), (5, None), (4, Reason.THOUGHT_LENGTH), (2, Reason.TRAJECTORY_LENGTH)],
)
def test_both_texts_must_fit(limit: int | None, reason: Reason | None) -> None:
    limits = Limits(max_length=limit)
    assert why_too_long(3, 5, limits) is reason


@pytest.mark.parametrize(
    ("count", "fraction", "size"), [(100, 0.05, 5), (5, 0.01, 1), (1, 0.5, 0), (9, 0.0, 0)]
)
def test_size_of_the_test_part(count: int, fraction: float, size: int) -> None:
    chosen = choose_test(count, fraction, seed=3)
    assert len(chosen) == size
    assert chosen <= set(range(count))
    assert chosen == choose_test(count, fraction, seed=3)
