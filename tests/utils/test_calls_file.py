"""What is read from result folders."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sprint.utils.errors import InputError
from sprint.utils.records import Call
from sprint.utils.result_folder import LedgerSummary, read_calls
from support.results import result_of

CALL = result_of(0).calls[0]


def planner(phase: int, *kept: bool) -> list[Call]:
    """The attempts of one phase."""
    return [
        replace(CALL, phase=phase, attempt=attempt, kept=sound)
        for attempt, sound in enumerate(kept, start=1)
    ]


@pytest.mark.parametrize(
    ("calls", "plans", "at_once"),
    [
        ([*planner(1, True), *planner(2, True), *planner(3, True)], 2, 2),
        ([*planner(1, False, True), *planner(2, True)], 1, 0),
        ([*planner(1, True), *planner(2, False, True)], 2, 1),
        (planner(1, True), 0, 0),
        (planner(1, False, False), 1, 0),
    ],
    ids=["all sound", "plan at second attempt", "answer at second attempt", "answer", "nothing"],
)
def test_a_final_answer_is_no_plan(
    tmp_path: Path, calls: list[Call], plans: int, at_once: int
) -> None:
    lines = [json.dumps(asdict(call)) for call in calls]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines) + "\n")
    ledger = LedgerSummary.of(read_calls(tmp_path))
    assert (ledger.plans, ledger.plans_at_once) == (plans, at_once)


def test_plans_are_counted_by_problem(tmp_path: Path) -> None:
    calls = [
        replace(call, problem_id=name)
        for name, phases in (("a", 2), ("b", 4))
        for phase in range(1, phases + 1)
        for call in planner(phase, True)
    ]
    lines = [json.dumps(asdict(call)) for call in calls]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines) + "\n")
    assert LedgerSummary.of(read_calls(tmp_path)).plans == 1 + 3


def test_tokens_of_attempts_that_were_thrown_away_are_told(tmp_path: Path) -> None:
    lines = [json.dumps(asdict(call)) for call in planner(1, False, True)]
    (tmp_path / "calls.jsonl").write_text("\n".join(lines) + "\n")
    tokens = CALL.completion_tokens
    assert LedgerSummary.of(read_calls(tmp_path)) == LedgerSummary(
        1, 1, 0, generated=2 * tokens, discarded=tokens
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"phase": "2"},
        {"prompt": [1]},
        {"prompt": float("nan")},
        {"prompt": -3},
        {"completion_tokens": None},
        {"problem_id": ["a"]},
        {"finished": float("inf")},
        {"finished": 10**400},
        {"started": "0"},
    ],
)
def test_a_field_that_holds_something_else_is_named(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    (tmp_path / "calls.jsonl").write_text(json.dumps(asdict(CALL) | changes) + "\n")
    with pytest.raises(InputError, match="a line that is no call"):
        read_calls(tmp_path)


def test_a_line_ends_at_its_line_break_alone(tmp_path: Path) -> None:
    line = json.dumps(asdict(replace(CALL, error="a\u2028b")), ensure_ascii=False)
    (tmp_path / "calls.jsonl").write_text(line + "\n", encoding="utf-8")
    assert LedgerSummary.of(read_calls(tmp_path)).problems == 1


def test_a_line_that_is_no_call_is_named(tmp_path: Path) -> None:
    (tmp_path / "calls.jsonl").write_text('{"problem_id": "a"}\n')
    with pytest.raises(InputError, match="a line that is no call"):
        read_calls(tmp_path)
