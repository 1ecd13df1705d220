"""`sprint prices`, from a result folder to the file and what is printed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from sprint.analysis.price_fit import PricesConfig, run
from sprint.utils.errors import InputError
from sprint.utils.latency.price_list import load_prices
from support.result_folders import call, sprint_result, write_results
from support.scripts import PROBLEM


def folder(path: Path, *, seconds: float = 0.01) -> Path:
    """Eight problems whose calls take so many seconds a token."""
    results = []
    for number in range(8):
        tokens = 40 + 10 * number
        end = tokens * seconds
        calls = [
            replace(
                call(phase, 0, (phase - 1) * end, phase * end),
                first_token=(phase - 1) * end + 0.001,
                prompt_tokens=100 * phase + number * number,
                cached_tokens=64,
                completion_tokens=tokens,
                server="http://127.0.0.1:8000/v1",
            )
            for phase in (1, 2)
        ]
        result = sprint_result(replace(PROBLEM, id=f"p_{number}", index=number), calls=calls)
        results.append(replace(result, elapsed=2 * end))
    return write_results(path, results)


def test_prices_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "prices.json"
    run(PricesConfig(folder=folder(tmp_path / "run"), output=output, hardware="two cores"))
    found = load_prices(output)
    assert found.prices.token == pytest.approx(0.01)
    assert found.hardware == "two cores"
    assert found.server == "http://127.0.0.1:8000/v1"
    assert found.fit is not None
    assert found.fit.wall_clock is not None
    assert found.fit.wall_clock.median_error == pytest.approx(0, abs=1e-6)
    printed = capsys.readouterr().out
    assert "16 calls of 8 problems" in printed
    assert "10.0 ms ± " in printed
    assert (
        "Undetermined, taken as 0: the price of a generated token more for each further stream"
        in printed
    )


def test_a_list_is_checked_against_another_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "prices.json"
    run(PricesConfig(folder=folder(tmp_path / "run"), output=output))
    before = output.read_bytes()
    slow = folder(tmp_path / "slow", seconds=0.02)
    run(PricesConfig(folder=slow, check=f"{output}", output=output))
    assert "against wall clock: correlation 1.000, error 50.0 % (median)" in capsys.readouterr().out
    assert output.read_bytes() == before


def test_many_problems_in_flight_are_a_reason_for_doubt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = folder(tmp_path / "run")
    record = json.loads((busy / "run.json").read_text())
    (busy / "run.json").write_text(json.dumps(record | {"num_workers": 8}))
    run(PricesConfig(folder=busy, output=tmp_path / "prices.json"))
    assert "8 problems were in flight" in capsys.readouterr().out


def test_a_folder_without_a_ledger_has_no_prices(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only runs of this package"):
        run(PricesConfig(folder=tmp_path, output=tmp_path / "prices.json"))
