from __future__ import annotations

from pathlib import Path

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.finetuning_data_preparation.dataset import write_dataset
from sprint.finetuning_data_preparation.repeats import (
    MOST,
    RepeatedRows,
    repeats,
    second_plan_share,
)

plans = st.lists(st.integers(0, 4), max_size=30)


def share(of: list[int], times: list[int]) -> float:
    return second_plan_share(of, times) or 0.0


@given(plans, st.floats(0, 0.45))
def test_the_share_is_reached_as_far_as_repeats_allow(of: list[int], wanted: float) -> None:
    times = repeats(of, wanted)
    several = [n for count, n in zip(of, times, strict=True) if count > 1]
    assert len(times) == len(of)
    assert all(1 <= n <= MOST for n in times)
    assert all(n == 1 for count, n in zip(of, times, strict=True) if count < 2)
    if several and min(several) < MOST:
        assert share(of, times) >= wanted - 1e-6


@given(plans)
def test_without_a_share_every_row_is_written_once(of: list[int]) -> None:
    assert repeats(of, 0) == [1] * len(of)


@given(plans, st.floats(0, 0.9))
def test_equal_rows_are_repeated_nearly_equally_often(of: list[int], wanted: float) -> None:
    several = [n for count, n in zip(of, repeats(of, wanted), strict=True) if count > 1]
    assert max(several, default=0) - min(several, default=0) <= 1


def test_a_share_that_no_repeat_reaches_is_tried() -> None:
    assert repeats([2, 1], 0.5) == [MOST, 1]


def test_no_more_repeats_than_needed() -> None:
    """Of 2 + 1 choices, 1 is another plan; with one more copy 2 of 5; with two more 3 of 7."""
    assert repeats([2, 1], 0.4) == [2, 1]
    assert repeats([2, 1], 0.41) == [3, 1]
    assert (
        repeats([2, 2, 1, 1], 0.35) == [1, 2, 1, 1]
        or share([2, 2, 1, 1], repeats([2, 2, 1, 1], 0.35)) >= 0.35
    )


def test_the_report_says_what_was_repeated() -> None:
    assert RepeatedRows([2, 1, 0], [2, 1, 1]).as_json() == {
        "rows": 3,
        "rows_written": 4,
        "share": pytest.approx(1 / 3, abs=1e-6),
        "share_written": 0.4,
    }
    assert second_plan_share([0, 0], [1, 1]) is None


def test_only_training_rows_are_written_several_times(tmp_path: Path) -> None:
    rows = [{"id": name, "index": number} for number, name in enumerate("abc")]
    write_dataset(tmp_path, rows, {1}, times=iter([3, 1]))
    data = datasets.load_from_disk(str(tmp_path))
    assert data["train"]["id"][:] == ["a", "a", "a", "c"]
    assert data["test"]["id"][:] == ["b"]
