"""What a folder of results says of its run."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sprint.analysis.report.run_report import report
from sprint.utils.errors import InputError
from sprint.utils.grammar import (
    executor_completion,
    render,
    render_final_answer,
    render_open_plan,
    render_plan,
)
from sprint.utils.latency.priced_path import TimePrices
from sprint.utils.records import Call, Phase, PlanSegment, Result, Trajectory
from sprint.utils.results.writing import SPRINT_LAYOUT, ResultFolder
from sprint.utils.tokens.counting import generated_sequential_tokens
from support.scripts import PROBLEM, TRAJECTORY
from support.tiny import tiny_tokenizer


@pytest.fixture
def tokenizer(tmp_path: Path) -> str:
    folder = tmp_path / "tokenizer"
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)


def call(role: str, phase: int, prompt: int, started: float, finished: float) -> Call:
    return Call(
        problem_id=PROBLEM.id,
        role=role,
        phase=phase,
        prompt=prompt,
        attempt=1,
        kept=True,
        started=started,
        first_token=started + 0.5,
        finished=finished,
        prompt_tokens=100,
        cached_tokens=75,
        completion_tokens=40,
        finish_reason="stop",
    )


def write(folder: Path, calls: list[Call], elapsed: float, tokenizer: str) -> Path:
    text = render(TRAJECTORY)
    results = ResultFolder(folder, SPRINT_LAYOUT, {"method": "SPRINT", "tokenizer": tokenizer})
    results.add(Result(PROBLEM, text, text, "26", elapsed, tuple(calls)))
    results.write_tables()
    return folder


def test_times_calls_and_cache(tmp_path: Path, tokenizer: str) -> None:
    discarded = replace(call("planner", 1, 0, 0, 1), kept=False, completion_tokens=7)
    calls = [
        discarded,
        call("planner", 1, 0, 1, 3),
        call("executor", 1, 1, 2, 6),
        call("planner", 2, 0, 6, 8),
    ]
    told = report(write(tmp_path / "results", calls, 8.04, tokenizer))
    rows = {" ".join(line.split()[:2]): line.split()[1:] for line in told.splitlines()}
    assert rows["planner 2.000"][0] == "2.000"
    assert rows["executors 3.500"][0] == "3.500"
    assert rows["waiting 1.500"][0] == "1.500"
    assert rows["discarded 1.000"][0] == "1.000"
    assert rows["client 0.040"][0] == "0.040"
    assert "3 kept; 1 discarded, with 7 tokens" in told
    assert "from the cache: 75.0 % of 300" in told
    assert "1 of 1 problems have at most 2 %" in told


def test_the_priced_path_is_told_with_prices(tmp_path: Path, tokenizer: str) -> None:
    """40 tokens in each of three calls; the executor starts when 20 of the plan are written."""
    calls = [
        replace(call("planner", 1, 0, 0, 2.5), completion_tokens=40),
        replace(call("executor", 1, 1, 1.5, 6), completion_tokens=40),
        replace(call("planner", 2, 0, 6, 8), completion_tokens=40),
    ]
    folder = write(tmp_path / "results", calls, 8.04, tokenizer)
    told = report(folder, prices=TimePrices(token=0.1))
    assert "priced path         10.000 s, 1.250 times the calls on the measured one" in told
    assert "priced path" not in report(folder)


def test_time_outside_calls_is_told(tmp_path: Path, tokenizer: str) -> None:
    told = report(write(tmp_path / "results", [call("planner", 1, 0, 0, 2)], 4.0, tokenizer))
    assert "0 of 1 problems have at most 2 %" in told


def test_dispatch_and_servers(tmp_path: Path, tokenizer: str) -> None:
    def at(server: str, one: Call, ready: float | None = None) -> Call:
        return replace(one, server=server, ready=ready)

    calls = [
        at("http://a", call("planner", 1, 0, 0, 3)),
        at("http://a", call("executor", 1, 1, 1.0, 2), ready=0.998),
        at("http://b", call("executor", 1, 2, 2.0, 3), ready=1.996),
        at("http://a", call("planner", 2, 0, 3, 4)),
    ]
    told = report(write(tmp_path / "results", calls, 4.0, tokenizer))
    assert "starts 3.0 ms after its prompt (99 % within 2.0 ms, at most 4.0 ms)" in told
    assert "Servers: http://a 3, http://b 1 calls; 1 problems moved" in told


def test_one_server_and_an_old_ledger_say_nothing_of_it(tmp_path: Path, tokenizer: str) -> None:
    told = report(write(tmp_path / "results", [call("planner", 1, 0, 0, 2)], 2.0, tokenizer))
    assert "Dispatch" not in told
    assert "Servers" not in told


def test_a_folder_without_a_ledger(tmp_path: Path, tokenizer: str) -> None:
    folder = write(tmp_path / "results", [call("planner", 1, 0, 0, 2)], 2.0, tokenizer)
    (folder / "calls.jsonl").unlink()
    with pytest.raises(InputError, match=r"has no calls\.jsonl"):
        report(folder)


def test_a_run_that_names_no_tokenizer(tmp_path: Path) -> None:
    folder = write(tmp_path / "results", [call("planner", 1, 0, 0, 2)], 2.0, "")
    assert json.loads((folder / "calls.jsonl").read_text()) == asdict(call("planner", 1, 0, 0, 2))
    with pytest.raises(InputError, match="give --tokenizer"):
        report(folder)


def test_sequential_tokens_with_tags() -> None:
    plan = (PlanSegment("Two tasks.", "One."), PlanSegment("", "Two."), PlanSegment("Then."))
    trajectory = Trajectory("?", (Phase(plan, ("short", "long " * 50)),), "It is 3.")
    longest = len(render_open_plan(plan[:2], 1)) + len(executor_completion("long " * 50, 1, 2))
    assert longest > len(render_plan(plan, 1))
    expected = longest + len(render_final_answer("It is 3."))
    assert generated_sequential_tokens(trajectory, len) == expected
