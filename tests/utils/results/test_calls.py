"""What is read from the ledgers of result folders, and from damaged ones."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sprint.utils.records import Call
from sprint.utils.results.calls import LONGEST_LINE, LedgerSummary, read_calls
from support.result_folders import write_results
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


def line_of(**changes: object) -> bytes:
    return json.dumps(asdict(CALL) | changes).encode()


DAMAGES: dict[str, bytes] = {
    "a truncated line": line_of()[:40],
    "NUL bytes": bytes(200),
    "NUL bytes in a line": line_of() + bytes(3),
    "a list": b"[]",
    "a number": b"5",
    "null": b"null",
    "no UTF-8": b"\xff" + line_of(),
    "deep nesting": b"[" * 100_000,
    "deep nesting in a field": line_of(role=0).replace(b"0", b"[" * 100_000),
    "a huge integer": line_of(phase=10**400),
    "a number of 5,000 digits": b'{"phase": ' + b"9" * 5_000 + b"}",
    "a line without an end": b"x" * (LONGEST_LINE + 1),
    "fields missing": b'{"problem_id": "a"}',
    "fields more": line_of(more=1),
    "a text for a count": line_of(phase="2"),
    "a list for a count": line_of(prompt=[1]),
    "a truth value for a count": line_of(max_tokens=True),
    "no number": line_of(prompt=float("nan")),
    "a count below 0": line_of(prompt=-3),
    "no count": line_of(completion_tokens=None),
    "cached tokens in words": line_of(cached_tokens="many"),
    "a list for a name": line_of(problem_id=["a"]),
    "an endless time": line_of(finished=float("inf")),
    "a time of 401 digits": line_of(finished=10**400),
    "a text for a time": line_of(started="0"),
    "a list for the time that it was ready": line_of(ready=[]),
    "words for kept": line_of(kept="yes"),
    "a number for a reason": line_of(finish_reason=5),
    "an object for a server": line_of(server={}),
}


def damage(folder: Path, place: int, line: bytes) -> None:
    """Put something in the place of one line of the ledger."""
    path = folder / "calls.jsonl"
    lines = path.read_bytes().splitlines()
    lines[place] = line
    path.write_bytes(b"\n".join(lines) + b"\n")


def written(folder: Path) -> Path:
    """Two problems with two calls each."""
    return write_results(folder, [result_of(0), result_of(1)])


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_line_is_read_from_the_records(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = written(tmp_path)
    whole = read_calls(folder)
    damage(folder, 1, DAMAGES[kind])
    assert read_calls(folder) == whole
    (said,) = [record.getMessage() for record in caplog.records]
    assert "calls.jsonl has invalid lines" in said


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_line_without_records_costs_itself(
    tmp_path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = written(tmp_path)
    whole = read_calls(folder)
    shutil.rmtree(folder / "problems")
    damage(folder, 1, DAMAGES[kind])
    assert read_calls(folder) == [whole[0], *whole[2:]]
    assert "calls.jsonl has invalid lines" in caplog.text


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b'{"calls": 5}', b'{"calls": [{}]}'])
def test_where_a_record_is_damaged_too_the_lines_count(
    tmp_path: Path, record: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    folder = written(tmp_path)
    whole = read_calls(folder)
    damage(folder, 3, b"oops")
    (folder / "problems" / "test_sums_1.json").write_bytes(record)
    assert read_calls(folder) == whole[:3]
    assert "test_sums_1.json is damaged" in caplog.text


def test_the_run_again_writes_a_damaged_ledger_anew(tmp_path: Path) -> None:
    folder = written(tmp_path)
    before = (folder / "calls.jsonl").read_bytes()
    damage(folder, 1, b"oops")
    assert (written(folder) / "calls.jsonl").read_bytes() == before


def test_a_line_ends_at_its_line_break_alone(tmp_path: Path) -> None:
    line = json.dumps(asdict(replace(CALL, error="a\u2028b")), ensure_ascii=False)
    (tmp_path / "calls.jsonl").write_text(line + "\n", encoding="utf-8")
    assert LedgerSummary.of(read_calls(tmp_path)).problems == 1
