from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sprint.analysis.answer_tables import load_references
from sprint.analysis.viewer.collecting import MAX_TEXT, Collection
from sprint.analysis.viewer.model import PlanPart
from sprint.analysis.viewer.timelines import CHARACTERS, Characters
from sprint.utils.errors import InputError
from sprint.utils.latency.priced_path import TimePrices
from sprint.utils.records import PlanSegment
from support.result_folders import serial_result, sprint_result, write_results
from support.scripts import OTHER_PROBLEM, QUESTION, TRAJECTORY

ROOT = Path(__file__).resolve().parents[3]
BASE = str(ROOT / "models" / "sample_base")
DATA = ROOT / ".." / "shared" / "data"
LOGS = DATA / "published_logs"


def write_both(tmp_path: Path, tokenizer: str = "") -> list[Path]:
    other = sprint_result(OTHER_PROBLEM, answer="25", faults=["one fault"])
    return [
        write_results(tmp_path / "s" / "test", [sprint_result(), other], tokenizer=tokenizer),
        write_results(tmp_path / "r" / "test", [serial_result()], serial=True, tokenizer=tokenizer),
    ]


def test_rows_hold_what_the_list_shows(tmp_path: Path) -> None:
    page = Collection(write_both(tmp_path), CHARACTERS).page
    assert (page.methods, page.dataset, page.unit) == (("SPRINT", "RFT"), "test", CHARACTERS)
    first, second = page.rows
    sprint, serial = first.summaries
    assert sprint is not None
    assert serial is not None
    assert (sprint.status, sprint.phases, sprint.width, sprint.seconds) == ("correct", 3, 2, 15.0)
    assert (serial.status, serial.sequential, serial.phases, serial.width) == (
        "correct",
        16,
        None,
        None,
    )
    assert second.summaries[1] is None
    marked = second.summaries[0]
    assert marked is not None
    assert (marked.status, marked.marked) == ("incorrect", True)


def test_rows_hold_priced_paths_where_there_are_prices(tmp_path: Path) -> None:
    folders = write_both(tmp_path)
    priced = Collection(folders, CHARACTERS, prices=TimePrices(1)).page.rows[0].summaries
    unpriced = Collection(folders, CHARACTERS).page.rows[0].summaries
    assert all(one is not None and one.priced for one in priced)
    assert all(one is not None and one.priced is None for one in unpriced)


def test_characters_have_no_price(tmp_path: Path) -> None:
    folders = write_both(tmp_path)
    for folder in folders:
        (folder / "calls.jsonl").unlink()
    rows = Collection(folders, CHARACTERS, prices=TimePrices(1)).page.rows
    assert all(one is None or one.priced is None for row in rows for one in row.summaries)


def test_an_opened_problem_has_texts_and_timelines(tmp_path: Path) -> None:
    first, second = Collection(write_both(tmp_path), CHARACTERS).problems()
    assert (first.question, first.reference, first.solution) == (QUESTION, "26", "\\boxed{26}")
    sprint, serial = first.views
    assert sprint is not None
    assert serial is not None
    assert sprint.phases[0].plan[0] == PlanPart("Two products are needed.", "Work out 2*3.")
    assert sprint.phases[0].executions == TRAJECTORY.phases[0].executions
    assert sprint.final == TRAJECTORY.final_answer
    assert [line.unit for line in sprint.timelines] == ["seconds", CHARACTERS]
    assert (serial.serial, serial.final, serial.phases) == (True, "2*3=6 \\boxed{26}", ())
    assert second.views[1] is None


def test_tokens_where_all_runs_name_one_tokenizer(tmp_path: Path) -> None:
    assert Collection(write_both(tmp_path, tokenizer=BASE)).unit == "tokens"
    assert Collection(write_both(tmp_path / "n")).unit == CHARACTERS
    assert Collection(write_both(tmp_path / "n"), BASE).unit == "tokens"


def test_tables_and_ledgers_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = write_both(tmp_path)
    reads, read_csv, open_path = list[str](), pd.read_csv, Path.open

    def table(path: Path, **named: Any) -> pd.DataFrame:
        reads.append(path.name)
        return read_csv(path, **named)

    def opened(path: Path, *given: Any, **named: Any) -> Any:
        if path.suffix == ".jsonl":
            reads.append(path.name)
        return open_path(path, *given, **named)

    monkeypatch.setattr(pd, "read_csv", table)
    monkeypatch.setattr(Path, "open", opened)
    list(Collection(folders).problems())
    assert reads.count("calls.jsonl") == 2
    assert sorted(name for name in reads if name.endswith(".csv")) == [
        "agent_orchestration_output.csv",
        "base_model_output.csv",
    ]


def test_each_text_is_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Counter[str]()

    def encode(_: Characters, text: str, /, *, add_special_tokens: bool = False) -> str:
        seen[text] += 1
        return text

    monkeypatch.setattr(Characters, "encode", encode)
    folders = [
        write_results(tmp_path / "s" / "test", [sprint_result()]),
        write_results(tmp_path / "r" / "test", [serial_result()], serial=True),
    ]
    list(Collection(folders).problems())
    assert {TRAJECTORY.final_answer, "2*3=6 \\boxed{26}"} <= seen.keys()
    assert set(seen.values()) == {1}


def test_a_long_text_ends_in_a_note(tmp_path: Path) -> None:
    phase = replace(
        TRAJECTORY.phases[0], plan=(PlanSegment("x" * (MAX_TEXT + 5), "p"), PlanSegment("", "q"))
    )
    result = sprint_result(trajectory=replace(TRAJECTORY, phases=(phase,)))
    (problem,) = Collection([write_results(tmp_path / "test", [result])]).problems()
    (view,) = problem.views
    assert view is not None
    text = view.phases[0].plan[0].text
    assert text.endswith("x\n[5 more characters in the trajectory file]")
    assert len(text) < MAX_TEXT + 100


def test_a_missing_trajectory_is_read_from_the_table(tmp_path: Path) -> None:
    other = sprint_result(OTHER_PROBLEM)
    folder = write_results(tmp_path / "test", [sprint_result(), other])
    (folder / f"planner_trajectory_{OTHER_PROBLEM.id}.txt").unlink()
    _, second = Collection([folder]).problems()
    (view,) = second.views
    assert view is not None
    assert (view.serial, view.final) == (False, TRAJECTORY.final_answer)


def test_a_tokenizer_that_is_gone_leaves_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    collection = Collection(write_both(tmp_path, tokenizer="no/such/folder"))
    assert collection.unit == CHARACTERS
    assert "'no/such/folder' cannot be loaded" in collection.why_characters


def test_a_tokenizer_is_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(BASE, tmp_path / "models" / "base")
    folders = write_both(tmp_path / "runs", tokenizer="models/base")
    monkeypatch.chdir("/")
    assert Collection(folders).unit == "tokens"


def test_folders_without_a_common_problem_are_refused(tmp_path: Path) -> None:
    one = write_results(tmp_path / "s" / "test", [sprint_result()])
    other = write_results(tmp_path / "r" / "test", [sprint_result(OTHER_PROBLEM)])
    with pytest.raises(InputError, match="no problem in common"):
        Collection([one, other])


def test_an_id_may_hold_half_a_character(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"planner_trajectory_a\xff.txt")).write_text("<Plan_1>a</Plan_1>")
    collection = Collection([tmp_path])
    (row,) = collection.page.rows
    row.id.encode()
    assert len(list(collection.problems())) == 1


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has neither"):
        Collection([tmp_path])


def test_parallel_baselines_have_lanes_without_a_planner(tmp_path: Path) -> None:
    calls = [one for one in sprint_result().calls if one.role == "executor" and one.phase == 1]
    folder = write_results(tmp_path / "test", [sprint_result(calls=calls)])
    (problem,) = Collection([folder]).problems()
    (view,) = problem.views
    assert view is not None
    assert {bar.lane for bar in view.timelines[0].bars} == {1, 2}


@pytest.mark.skipif(not LOGS.is_dir(), reason="the published logs are not here")
def test_published_logs() -> None:
    collection = Collection(
        [
            LOGS / "logs_full_trajectory" / "SPRINT" / "MATH-500_default",
            LOGS / "logs_base_model" / "base_model_output_RFT" / "MATH-500_default",
        ],
        references=load_references([str(DATA / "math500.jsonl")]),
    )
    assert len(collection.page.rows) == 40
    right = [
        sum(one is not None and one.status == "correct" for one in summaries)
        for summaries in zip(*(row.summaries for row in collection.page.rows), strict=True)
    ]
    assert right == [36, 40]
    for problem, row in zip(collection.problems(), collection.page.rows, strict=True):
        for view, summary in zip(problem.views, row.summaries, strict=True):
            assert view is not None
            assert summary is not None
            (timeline,) = view.timelines
            assert timeline.end == summary.sequential
