from __future__ import annotations

from pathlib import Path

import pytest
from sprint.utils.grammar import render
from sprint.utils.latency.folder_prices import priced_problems
from sprint.utils.latency.ledger_work import ledger_rounds
from sprint.utils.latency.priced_path import TimePrices, priced_seconds
from sprint.utils.latency.text_work import text_rounds
from sprint.utils.results.reading import TrajectoryFile
from support.result_folders import CALLS
from support.scripts import PROBLEM, TRAJECTORY

PRICES = TimePrices(0.1, 0.01, 0.001, 1)


def file(tmp_path: Path, text: str, *, serial: bool = False) -> TrajectoryFile:
    path = tmp_path / "file.txt"
    path.write_text(text)
    return TrajectoryFile(PROBLEM.id, path, serial)


def test_a_problem_with_calls_is_priced_by_them(tmp_path: Path) -> None:
    found = priced_problems({PROBLEM.id: CALLS}, [file(tmp_path, render(TRAJECTORY))], len, PRICES)
    assert found == {PROBLEM.id: priced_seconds(ledger_rounds(CALLS), PRICES)}


def test_without_calls_by_its_text(tmp_path: Path) -> None:
    found = priced_problems({}, [file(tmp_path, render(TRAJECTORY))], len, PRICES)
    assert found == {PROBLEM.id: priced_seconds(text_rounds(TRAJECTORY, len), PRICES)}


def test_a_serial_answer_by_its_length(tmp_path: Path) -> None:
    found = priced_problems({}, [file(tmp_path, "x" * 50, serial=True)], len, TimePrices(1))
    assert found[PROBLEM.id] == pytest.approx(50)


def test_a_trajectory_that_was_cut_off_is_priced_as_far_as_it_goes(tmp_path: Path) -> None:
    cut = "<Plan_1>\na\n\n<prompt_1.1> b </prompt_1.1>"
    (seconds,) = priced_problems({}, [file(tmp_path, cut)], len, TimePrices(1)).values()
    assert seconds >= len(cut)
