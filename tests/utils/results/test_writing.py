"""Result folders: names and columns, resume, and what is refused."""

from __future__ import annotations

import csv
import errno
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sprint.utils.errors import InputError, SaveError
from sprint.utils.files import run_record
from sprint.utils.results import writing as module
from sprint.utils.results.reading import read_results, read_run_info, trajectory_files
from sprint.utils.results.writing import (
    SERIAL_LAYOUT,
    SPRINT_LAYOUT,
    FolderLayout,
    ResultFolder,
    model_folder_name,
)
from support.results import QUESTION, result_of

CONFIGURATION = {"method": "SPRINT", "model": "m", "settings": {"temperature": 0.6}}
PUBLISHED_SPRINT = [
    "ProblemIdx",
    "PredictedFinalAnswer",
    "TrueFinalAnswer",
    "ElapsedTime",
    "Question",
    "PlannerTrajectory",
    "Solution",
]
PUBLISHED_SERIAL = [*PUBLISHED_SPRINT[:5], "ModelResponse"]


def open_folder(path: Path, layout: FolderLayout = SPRINT_LAYOUT, **changes: Any) -> ResultFolder:
    return ResultFolder(path, layout, CONFIGURATION | changes)


def files_in(path: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(path)): file.read_bytes()
        for file in sorted(path.rglob("*"))
        if file.is_file()
    }


@pytest.mark.parametrize(
    ("layout", "published"),
    [(SPRINT_LAYOUT, PUBLISHED_SPRINT), (SERIAL_LAYOUT, PUBLISHED_SERIAL)],
)
def test_published_columns_come_first(
    tmp_path: Path, layout: FolderLayout, published: list[str]
) -> None:
    folder = open_folder(tmp_path, layout)
    folder.add(result_of(0))
    folder.write_tables()
    columns = list(pd.read_csv(tmp_path / layout.csv_name).columns)
    assert columns[: len(published)] == published


def test_published_file_names(tmp_path: Path) -> None:
    for layout in (SPRINT_LAYOUT, SERIAL_LAYOUT):
        folder = open_folder(tmp_path / layout.csv_name, layout)
        folder.add(result_of(3))
        folder.write_tables()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "agent_orchestration_output.csv",
        "planner_trajectory_test_sums_3.txt",
        "base_model_output.csv",
        "base_model_trajectory_test_sums_3.txt",
        "calls.jsonl",
        "run.json",
        "test_sums_3.json",
    }


def test_row_keeps_every_character(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(3))
    folder.write_tables()
    with (tmp_path / "agent_orchestration_output.csv").open(newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "ProblemIdx": "test_sums_3",
        "PredictedFinalAnswer": "None",
        "TrueFinalAnswer": "007",
        "ElapsedTime": "1.25",
        "Question": QUESTION,
        "PlannerTrajectory": result_of(3).text,
        "Solution": "It is\n\\boxed{007}.",
        "Level": "2",
        "Subject": "sums",
        "Faults": "one; two",
    }


def test_evaluation_reads_what_was_written(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(3))
    folder.write_tables()
    table = read_results(tmp_path)
    assert table is not None
    assert table["TrueFinalAnswer"].tolist() == ["007"]
    (trajectory,) = trajectory_files(tmp_path)
    assert trajectory.problem_id == "test_sums_3"
    assert trajectory.path.read_bytes().decode() == result_of(3).text


def test_tables_are_in_the_order_of_the_dataset(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    for index in (10, 2, 1):
        folder.add(result_of(index))
    folder.write_tables()
    rows = pd.read_csv(tmp_path / "agent_orchestration_output.csv")["ProblemIdx"].tolist()
    assert rows == ["test_sums_1", "test_sums_2", "test_sums_10"]
    lines = (tmp_path / "calls.jsonl").read_text().splitlines()
    assert [json.loads(line)["problem_id"] for line in lines] == [
        name for row in rows for name in (row, row)
    ]


def test_ledger_lines_are_the_calls(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(3))
    folder.write_tables()
    lines = (tmp_path / "calls.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [asdict(call) for call in result_of(3).calls]


def test_an_empty_folder_has_no_tables(tmp_path: Path) -> None:
    open_folder(tmp_path).write_tables()
    assert list(files_in(tmp_path)) == ["run.json"]


def test_what_is_finished_stays_finished(tmp_path: Path) -> None:
    open_folder(tmp_path).add(result_of(3))
    again = open_folder(tmp_path)
    assert again.is_finished(result_of(3).problem)
    assert not again.is_finished(result_of(4).problem)


def test_opening_brings_the_tables_up_to_date(tmp_path: Path) -> None:
    """A crash came after the record and before the tables."""
    open_folder(tmp_path).add(result_of(3))
    assert not (tmp_path / "calls.jsonl").exists()
    open_folder(tmp_path)
    assert len(pd.read_csv(tmp_path / "agent_orchestration_output.csv")) == 1


def test_run_json_is_the_configuration_and_the_software(tmp_path: Path) -> None:
    open_folder(tmp_path, data={"hub_path": Path("a/b")})
    written = json.loads((tmp_path / "run.json").read_text())
    assert written.pop("software") == [run_record.software()]
    assert written == CONFIGURATION | {"data": {"hub_path": "a/b"}}


def test_another_configuration_is_refused_with_the_difference(tmp_path: Path) -> None:
    open_folder(tmp_path).add(result_of(3))
    before = files_in(tmp_path)
    with pytest.raises(InputError, match=r"another configuration \(model was 'm' and is now 'n'\)"):
        open_folder(tmp_path, model="n")
    assert files_in(tmp_path) == before


def test_a_nested_difference_is_named(tmp_path: Path) -> None:
    open_folder(tmp_path)
    with pytest.raises(InputError, match=r"settings.*0\.6.*0\.3"):
        open_folder(tmp_path, settings={"temperature": 0.3})


def test_a_setting_that_is_new_or_gone_is_a_difference(tmp_path: Path) -> None:
    open_folder(tmp_path)
    with pytest.raises(InputError, match="prompts was None"):
        open_folder(tmp_path, prompts={"p": "abc"})


def test_a_result_of_another_problem_with_the_same_id_is_refused(tmp_path: Path) -> None:
    open_folder(tmp_path).add(result_of(3))
    changed = replace(result_of(3).problem, question="What is 2+2?")
    with pytest.raises(InputError, match=r"test_sums_3.*the dataset has changed"):
        open_folder(tmp_path).is_finished(changed)


def altered(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    """A record with something else in it."""

    def alter(content: bytes) -> bytes:
        record = json.loads(content)
        change(record)
        return json.dumps(record).encode()

    return alter


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "zeros": lambda content: bytes(len(content)),
    "cut short": lambda content: content[: len(content) // 2],
    "no UTF-8": lambda content: content + b"\xff",
    "a list": lambda _: b"[]",
    "null": lambda _: b"null",
    "nested": lambda _: b"[" * 100_000,
    "a number of 5,000 digits": lambda _: b'{"index": ' + b"9" * 5_000 + b"}",
    "no row": altered(lambda record: record.pop("row")),
    "a row that is a list": altered(lambda record: record.update(row=[])),
    "a column less": altered(lambda record: record["row"].pop("Solution")),
    "a column more": altered(lambda record: record["row"].update(More="")),
    "a number for a text": altered(lambda record: record["row"].update(Question=5)),
    "a text for a time": altered(lambda record: record["row"].update(ElapsedTime="soon")),
    "no time": altered(lambda record: record["row"].update(ElapsedTime=float("nan"))),
    "an index below 0": altered(lambda record: record.update(index=-1)),
    "an index that is a text": altered(lambda record: record.update(index="3")),
    "final that is a text": altered(lambda record: record.update(final="no")),
    "half a character": altered(lambda record: record["row"].update(Question="\ud83d")),
    "calls that are an object": altered(lambda record: record.update(calls={})),
    "a call that is a text": altered(lambda record: record.update(calls=["call"])),
    "a call without a role": altered(lambda record: record["calls"].append({"phase": 1})),
    "the record of another problem": altered(lambda record: record["row"].update(ProblemIdx="x")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_costs_its_own_row(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, and its problem solved again; the others stand."""
    before = open_folder(tmp_path)
    for index in (3, 4):
        before.add(result_of(index))
    record = tmp_path / "problems" / "test_sums_3.json"
    record.write_bytes(DAMAGES[damage](record.read_bytes()))
    folder = open_folder(tmp_path)
    assert "test_sums_3.json is damaged" in caplog.text
    assert not folder.is_finished(result_of(3).problem)
    assert folder.is_finished(result_of(4).problem)
    folder.add(result_of(3))
    folder.write_tables()
    table = read_results(tmp_path)
    assert table is not None
    assert list(table["ProblemIdx"]) == ["test_sums_3", "test_sums_4"]


@pytest.mark.parametrize("left", [None, b"", b"\0" * 50, b"cut sh", b"\xff"])
def test_a_lost_trajectory_is_written_again_from_its_record(
    tmp_path: Path, left: bytes | None
) -> None:
    open_folder(tmp_path).add(result_of(3))
    (path,) = tmp_path.glob("*_test_sums_3.txt")
    text = path.read_bytes()
    path.unlink() if left is None else path.write_bytes(left)
    open_folder(tmp_path)
    assert path.read_bytes() == text


@pytest.mark.parametrize("content", [b"", b"[]", b"5", b'"text"', b"{", b"\xff", b"[" * 100_000])
def test_a_damaged_run_json_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    open_folder(tmp_path)
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json is damaged .*restore it"):
        open_folder(tmp_path)
    with pytest.raises(InputError, match=r"run\.json is damaged"):
        read_run_info(tmp_path)


@pytest.mark.parametrize("name", ["run.json", "problems"])
def test_what_is_no_file_or_no_folder_is_one_sentence(tmp_path: Path, name: str) -> None:
    open_folder(tmp_path)
    path = tmp_path / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.write_text("") if name == "problems" else path.mkdir()
    with pytest.raises(InputError, match=name):
        open_folder(tmp_path)


def test_on_a_full_disk_the_result_under_way_has_the_room_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_folder(tmp_path)
    folder.reserve.keep(1, 1000)

    def write(path: Path, text: str) -> None:
        if folder.reserve.path.exists():
            full = OSError(errno.ENOSPC, "No space left on device")
            raise SaveError(f"Cannot write {path}") from full
        path.write_text(text)

    monkeypatch.setattr("sprint.utils.results.writing.write_text", write)
    with pytest.raises(SaveError, match="Cannot write"):
        folder.add(result_of(3))
    monkeypatch.undo()
    assert open_folder(tmp_path).is_finished(result_of(3).problem)


class FullAtTheEnd(io.BytesIO):
    """A file whose last bytes, which were buffered, find no room."""

    def seek(self, *_: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_is_full_when_the_ledger_is_put_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(3))
    monkeypatch.setattr(module.tempfile, "TemporaryFile", lambda **_: FullAtTheEnd())
    with pytest.raises(SaveError, match=r"Cannot write .*calls\.jsonl \(No space left"):
        folder.write_tables()


def test_marked_problems_are_counted(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(1))
    folder.add(replace(result_of(2), faults=()))
    assert folder.marked == 1


def test_a_result_without_calls_leaves_no_line_in_the_ledger(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    folder.add(replace(result_of(1), calls=()))
    folder.write_tables()
    assert (tmp_path / "calls.jsonl").read_text() == ""


def test_other_versions_are_the_same_configuration(tmp_path: Path) -> None:
    open_folder(tmp_path, versions={"vllm": "0.32"}).add(result_of(3))
    assert open_folder(tmp_path, versions={"vllm": "0.33"}).is_finished(result_of(3).problem)


def run_under(monkeypatch: pytest.MonkeyPatch, commit: str) -> dict[str, Any]:
    software = {"version": "1.2", "commit": commit, "changed": False}
    monkeypatch.setattr(run_record, "software", lambda: software)
    return software


def software_in(folder: Path) -> list[Any]:
    found: list[Any] = json.loads((folder / "run.json").read_text())["software"]
    return found


def test_a_folder_goes_on_under_another_commit_and_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run_under(monkeypatch, "a" * 40)
    open_folder(tmp_path).add(result_of(1))
    assert software_in(tmp_path) == [first]
    second = run_under(monkeypatch, "b" * 40)
    folder = open_folder(tmp_path)
    assert folder.is_finished(result_of(1).problem)
    assert software_in(tmp_path) == [first]  # nothing was made under the other one yet
    for index in (2, 3):
        folder.add(result_of(index))
    run_under(monkeypatch, "a" * 40)
    open_folder(tmp_path).add(result_of(4))
    assert software_in(tmp_path) == [first, second]


def test_a_folder_from_before_software_was_recorded_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run.json").write_text(json.dumps(CONFIGURATION | {"versions": {"vllm": "0.31"}}))
    software = run_under(monkeypatch, "a" * 40)
    open_folder(tmp_path).add(result_of(1))
    assert software_in(tmp_path) == [None, software]
    assert json.loads((tmp_path / "run.json").read_text())["versions"] == {"vllm": "0.31"}


def test_trajectories_of_other_code_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "planner_trajectory_1.txt").write_text("published")
    with pytest.raises(InputError, match="contains trajectories but no run"):
        open_folder(tmp_path)
    assert files_in(tmp_path) == {"planner_trajectory_1.txt": b"published"}


@pytest.mark.parametrize("problem_id", ["a.b", "x_row7", "_", "[1]"])
def test_orphans_are_removed_and_nothing_else(tmp_path: Path, problem_id: str) -> None:
    folder = open_folder(tmp_path)
    folder.add(result_of(1, problem_id))
    (tmp_path / "planner_trajectory_orphan.txt").write_text("no record")
    (tmp_path / ".planner_trajectory_x.txt.abc.sprint-part").write_text("half")
    (tmp_path / "problems" / ".x.json.abc.sprint-part").write_text("half")
    (tmp_path / "notes.txt").write_text("someone's")
    open_folder(tmp_path)
    assert set(files_in(tmp_path)) == {
        "agent_orchestration_output.csv",
        "calls.jsonl",
        "notes.txt",
        f"planner_trajectory_{problem_id}.txt",
        f"problems/{problem_id}.json",
        "run.json",
    }


def test_a_crash_between_trajectory_and_record_is_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("No space left on device")

    folder = open_folder(tmp_path)
    folder.add(result_of(1))
    monkeypatch.setattr(module, "write_json", fail)
    with pytest.raises(OSError, match="No space left"):
        folder.add(result_of(2))
    monkeypatch.undo()
    again = open_folder(tmp_path)
    assert [again.is_finished(result_of(index).problem) for index in (1, 2)] == [True, False]
    assert not (tmp_path / "planner_trajectory_test_sums_2.txt").exists()
    again.add(result_of(2))
    again.write_tables()
    assert len(pd.read_csv(tmp_path / "agent_orchestration_output.csv")) == 2


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    with pytest.raises(InputError, match=r"Cannot write into .*: set LOGS_DIR"):
        open_folder(tmp_path / "logs" / "m")


def test_model_folder_of_a_hub_name() -> None:
    assert model_folder_name("Qwen/Qwen2.5-7B-Instruct") == "Qwen_Qwen2.5-7B-Instruct"


def test_model_folder_of_a_local_path(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "sprint tiny"
    folder.mkdir(parents=True)
    assert model_folder_name(f"{folder}/") == "sprint_tiny"


def test_model_folder_stays_inside() -> None:
    assert "/" not in model_folder_name("../../etc/passwd")
    assert model_folder_name("../..") not in (".", "..")


def test_a_carriage_return_ends_no_row_and_half_a_character_no_run(tmp_path: Path) -> None:
    problem = replace(result_of(0).problem, question="a\rb")
    result = replace(result_of(0), problem=problem, faults=("it said \ud83d",))
    folder = open_folder(tmp_path)
    folder.add(result)
    folder.write_tables()
    table = read_results(tmp_path)
    assert table is not None
    assert (list(table["Question"]), list(table["Faults"])) == (["a\rb"], ["it said \ufffd"])
    assert open_folder(tmp_path).is_finished(problem)


def test_two_results_on_a_full_disk_both_have_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one fails for want of room when the first has just given it up."""
    folder = open_folder(tmp_path)
    folder.reserve.keep(2, 1000)
    folder.reserve.give_up()
    fails = iter([True])

    def write(path: Path, text: str) -> None:
        if next(fails, False):
            raise SaveError(f"Cannot write {path}") from OSError(errno.ENOSPC, "full")
        path.write_text(text)

    monkeypatch.setattr("sprint.utils.results.writing.write_text", write)
    with pytest.raises(SaveError):
        folder.add(result_of(3))
    monkeypatch.undo()
    assert open_folder(tmp_path).is_finished(result_of(3).problem)


def test_a_record_that_may_not_be_read_ends_the_run(tmp_path: Path) -> None:
    """It may be whole: nothing is to be asked, or removed, in its place."""
    open_folder(tmp_path).add(result_of(3))
    record = tmp_path / "problems" / "test_sums_3.json"
    record.unlink()
    record.mkdir()
    with pytest.raises(InputError, match=r"test_sums_3\.json should be a regular file"):
        open_folder(tmp_path)
    assert list(tmp_path.glob("*_test_sums_3.txt"))
