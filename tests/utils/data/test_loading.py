"""Loading problems and thoughts from files, folders and (not here) the hub."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sprint.utils.data.loading import (
    DataSource,
    load_problems,
    load_rows,
    load_thoughts,
    parse_range,
    problem_id,
    safe_name,
)
from sprint.utils.errors import InputError

Rows = Sequence[Mapping[str, Any]]
ROWS: Rows = [
    {"problem": " What is 6+1? ", "answer": "007", "unique_id": "test/algebra/1004.json"},
    {"problem": "What is\n1000, with ≥ 1 digit?", "answer": "1e3", "unique_id": "test/b/2.json"},
    {"problem": "Is there one?", "answer": "None", "unique_id": "test/b/3.json"},
]


def jsonl(folder: Path, rows: Rows, name: str = "data.jsonl") -> str:
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return str(path)


def csv(folder: Path, rows: Rows) -> str:
    pd.DataFrame(rows).to_csv(folder / "data.csv", index=False)
    return str(folder / "data.csv")


def parquet(folder: Path, rows: Rows) -> str:
    pd.DataFrame(rows).to_parquet(folder / "data.parquet")
    return str(folder / "data.parquet")


def saved_dataset(folder: Path, rows: Rows) -> str:
    datasets.Dataset.from_list([dict(row) for row in rows]).save_to_disk(folder / "saved")
    return str(folder / "saved")


def saved_splits(folder: Path, rows: Rows) -> str:
    whole = datasets.Dataset.from_list([dict(row) for row in rows])
    datasets.DatasetDict({"train": whole.select([0]), "test": whole}).save_to_disk(folder / "d")
    return str(folder / "d")


def folder_of_files(folder: Path, rows: Rows) -> str:
    (folder / "files").mkdir()
    jsonl(folder / "files", rows, "test.jsonl")
    jsonl(folder / "files", rows[:1], "train.jsonl")
    return str(folder / "files")


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")


@pytest.mark.parametrize(
    "write", [jsonl, csv, parquet, saved_dataset, saved_splits, folder_of_files]
)
def test_every_form_gives_the_same_problems(
    tmp_path: Path, write: Callable[[Path, Rows], str]
) -> None:
    problems = load_problems(DataSource(write(tmp_path, ROWS)))
    assert [(p.id, p.index, p.question, p.answer) for p in problems] == [
        ("test_algebra_1004", 0, "What is 6+1?", "007"),
        ("test_b_2", 1, "What is\n1000, with ≥ 1 digit?", "1e3"),
        ("test_b_3", 2, "Is there one?", "None"),
    ]


def test_numbers_become_text(tmp_path: Path) -> None:
    path = jsonl(tmp_path, [{"question": "1+1?", "answer": 2, "level": 3, "id": 17}])
    (problem,) = load_problems(DataSource(path))
    assert (problem.id, problem.answer, problem.level) == ("17", "2", "3")


@pytest.mark.parametrize("answer", ["2024-01-01", "12:30", "true", "1.50", " x ", "\\{1\\}"])
@pytest.mark.parametrize("write", [jsonl, csv, parquet])
def test_answers_stay_as_they_are(
    tmp_path: Path, write: Callable[[Path, Rows], str], answer: str
) -> None:
    (problem,) = load_problems(DataSource(write(tmp_path, [{"problem": "?", "answer": answer}])))
    assert problem.answer == answer.strip()


def test_optional_columns(tmp_path: Path) -> None:
    row = {"problem": "1+1?", "answer": "2", "solution": "It is 2.", "level": 1, "type": "sums"}
    (problem,) = load_problems(DataSource(jsonl(tmp_path, [row])))
    assert (problem.solution, problem.level, problem.subject) == ("It is 2.", "1", "sums")
    (bare,) = load_problems(DataSource(jsonl(tmp_path, [{"problem": "1+1?", "answer": "2"}])))
    assert (bare.id, bare.solution, bare.level, bare.subject) == ("0", "", "", "")


def test_a_value_that_is_missing_is_empty(tmp_path: Path) -> None:
    rows = [{"problem": "1+1?", "answer": "2", "solution": None}, {"problem": "?", "answer": None}]
    assert [(p.answer, p.solution) for p in load_problems(DataSource(jsonl(tmp_path, rows)))] == [
        ("2", ""),
        ("", ""),
    ]


def test_thoughts_come_with_their_problems(tmp_path: Path) -> None:
    row = {"problem": "1+1?", "answer": "2", "thought": "Okay. 1+1=2.\n"}
    (thought,) = load_thoughts(DataSource(jsonl(tmp_path, [row])))
    assert (thought.problem.question, thought.text) == ("1+1?", "Okay. 1+1=2.\n")


def test_range_chooses_rows_and_keeps_their_numbers(tmp_path: Path) -> None:
    problems = load_problems(DataSource(jsonl(tmp_path, ROWS), rows="1:3"))
    assert [(problem.index, problem.id) for problem in problems] == [
        (1, "test_b_2"),
        (2, "test_b_3"),
    ]


@pytest.mark.parametrize("split", ["train", "default"])
def test_split_is_chosen_by_name_and_test_by_default(tmp_path: Path, split: str) -> None:
    problems = load_problems(DataSource(saved_splits(tmp_path, ROWS), split=split))
    assert len(problems) == {"train": 1, "default": 3}[split]


def test_unknown_split(tmp_path: Path) -> None:
    path = saved_splits(tmp_path, ROWS)
    with pytest.raises(InputError, match="no split 'dev': choose one of train, test"):
        load_problems(DataSource(path, split="dev"))


@pytest.mark.parametrize("write", [jsonl, csv, parquet, saved_dataset])
def test_data_without_splits_has_no_split_of_another_name(
    tmp_path: Path, write: Callable[[Path, Rows], str]
) -> None:
    path = write(tmp_path, ROWS)
    with pytest.raises(InputError, match="has no splits, so there is no split 'test'"):
        load_problems(DataSource(path, split="test"))
    assert len(load_problems(DataSource(path, split="train"))) == len(ROWS)


def test_a_folder_of_datasets_is_none(tmp_path: Path) -> None:
    datasets.Dataset.from_list([{"a": 1}]).save_to_disk(tmp_path / "mine_default")
    with pytest.raises(
        InputError, match=r"contains mine_default: give one of them, .*mine_default"
    ):
        load_rows(DataSource(str(tmp_path)))


def test_a_file_has_no_subsets(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"question": "1?", "answer": "1"}')
    with pytest.raises(InputError, match="has no subset 'algebra'"):
        load_problems(DataSource(str(path), "algebra"))


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"question": "1?", "answer": "1"}\n{"question')
    with pytest.raises(InputError, match=r"^Line 2 of .*data\.jsonl is not valid JSON"):
        load_problems(DataSource(str(path)))


def test_half_a_character_costs_no_row(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"question": "1?", "answer": "1"}\n{"question": "2\\ud83d?", "answer": "2"}')
    problems = load_problems(DataSource(str(path)))
    assert [problem.question for problem in problems] == ["1?", "2\ufffd?"]
    assert "Line 2 of" in caplog.text


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_a_file_without_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"data{ending}"
    path.write_text("question,answer\n" if ending == ".csv" else "\n")
    with pytest.raises(InputError, match="contains no rows"):
        load_problems(DataSource(str(path)))


def test_a_dataset_that_needs_a_script(tmp_path: Path) -> None:
    (tmp_path / "scripted").mkdir()
    (tmp_path / "scripted" / "scripted.py").write_text("import datasets")
    with pytest.raises(InputError, match=r"Cannot load the dataset.*scripts are no longer"):
        load_problems(DataSource(str(tmp_path / "scripted")))


@pytest.mark.parametrize("rows", ["1+1?,2,x\n2+2?,4,y\n", "1+1?,2,\n", "1+1?,2\n2+2?,4,y\n"])
def test_csv_rows_longer_than_the_header_are_refused(tmp_path: Path, rows: str) -> None:
    """pandas would take the question for an index, and the answer for the question."""
    (tmp_path / "data.csv").write_text(f"problem,answer\n{rows}")
    with pytest.raises(InputError, match=r"more fields than its header|Expected 2 fields"):
        load_problems(DataSource(str(tmp_path / "data.csv")))


@pytest.mark.parametrize(
    ("row", "what", "expected"),
    [
        ({"words": "1+1?", "answer": "2"}, "question", "problem, question"),
        ({"problem": "1+1?", "label": "2"}, "answer", "answer, final_answer"),
    ],
)
def test_missing_column(tmp_path: Path, row: Mapping[str, str], what: str, expected: str) -> None:
    found = ", ".join(row)
    message = (
        rf"has no known {what} column: expected one of {expected}.*, found {found}\. "
        rf"Pass --{what}_column NAME"
    )
    with pytest.raises(InputError, match=message):
        load_problems(DataSource(jsonl(tmp_path, [row])))


@pytest.mark.parametrize(
    ("raw", "thought"),
    [
        ("<think>\nOkay. \n\n1+1=2.\n</think>\n\nIt is 2.", "Okay. \n\n1+1=2."),
        ("<think> Okay.</think>", " Okay."),
        ("Okay.\n</think>\nIt is 2.", "Okay."),
        ("\n<think>\nOkay, so", "Okay, so"),
        ("<think>\nOkay <think> again\n</think>", "Okay <think> again"),
        ("\n I <think> so.\n", "\n I <think> so.\n"),
    ],
)
def test_a_thought_is_what_stands_between_its_tags(tmp_path: Path, raw: str, thought: str) -> None:
    row = {"problem": "1+1?", "answer": "2", "thought": raw}
    (loaded,) = load_thoughts(DataSource(jsonl(tmp_path, [row])))
    assert loaded.text == thought


def test_missing_thought_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no known thought column"):
        load_thoughts(DataSource(jsonl(tmp_path, ROWS)))


LISTS = [
    {"problem": "1+1?", "answer": ["2"], "thought": "It is 2."},
    {"problem": {"text": "1+1?"}, "answer": "2", "thought": "It is 2."},
]


@pytest.mark.parametrize("row", LISTS)
@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_lists_and_objects_are_no_text(tmp_path: Path, row: Mapping[str, Any], ending: str) -> None:
    path = tmp_path / f"data.{ending}"
    if ending == "jsonl":
        jsonl(tmp_path, [row])
    else:
        datasets.Dataset.from_list([row]).to_parquet(path)
    with pytest.raises(InputError, match="contains lists or objects: expected the"):
        load_thoughts(DataSource(str(path)))


def test_an_answer_may_look_like_a_list(tmp_path: Path) -> None:
    for answer in ("[1, 2]", "[0, 1)", "{1, 2}", "[x, [y]]"):
        path = jsonl(tmp_path, [{"problem": "Which?", "answer": answer}])
        assert load_problems(DataSource(path))[0].answer == answer


@pytest.mark.parametrize("name", ["nobody/nothing", "./missing", "a/b/c/d"])
def test_unknown_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=rf"Cannot load the dataset '{name}'.*give a name"):
        load_problems(DataSource(name))


def test_a_file_that_is_missing_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*missing\.jsonl: correct the path"):
        load_problems(DataSource(str(tmp_path / "missing.jsonl")))


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("content", [b"", b'{"problem": \x00\xff', b"a,b\n1,2,3\n"])
def test_a_damaged_file(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"data.{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError):
        load_problems(DataSource(str(path)))


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "data.xlsx").write_bytes(b"")
    with pytest.raises(InputError, match="convert it"):
        load_problems(DataSource(str(tmp_path / "data.xlsx")))


def slice_of(first: int | None, last: int | None) -> str:
    return ":".join("" if bound is None else str(bound) for bound in (first, last))


BOUND = st.none() | st.integers(-30, 30)


@given(BOUND, BOUND, st.integers(0, 20))
@example(0, -1, 2)
def test_range_is_a_slice_or_an_error(first: int | None, last: int | None, length: int) -> None:
    rows = list(range(length))[first:last]
    if rows and (last is None or last <= length):
        assert list(parse_range(slice_of(first, last), length)) == rows
    else:
        with pytest.raises(InputError, match=f"has {length} rows"):
            parse_range(slice_of(first, last), length)


@given(st.text(alphabet="0123456789:- .x", max_size=8))
def test_any_text_is_a_range_or_an_error(text: str) -> None:
    try:
        rows = parse_range(text, 10)
    except InputError:
        return
    assert len(rows) > 0
    assert set(rows) <= set(range(10))


@pytest.mark.parametrize("text", ["", "5", "a:b", "1:2:3", "-:", "1.5:2", "0:-"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(InputError, match="should read FIRST:LAST"):
        parse_range(text, 10)


def test_id_of_a_problem() -> None:
    assert problem_id("test/algebra/1004.json") == "test_algebra_1004"


@given(st.text())
def test_a_safe_name_is_one_part_of_a_path(text: str) -> None:
    name = safe_name(text)
    assert Path("folder", name).name == name
    assert name not in ("", ".", "..")
    assert len(name.encode()) <= 120
    assert not name.startswith(".")


HOSTILE = ["../../etc/passwd", "/etc/passwd", "..", "", "a\x00b", "a/b", "a_b", "é" * 300, "*"]


def ids(folder: Path, keys: Sequence[str], rows: str = ":") -> list[str]:
    content = [{"problem": "1+1?", "answer": "2", "id": key} for key in keys]
    return [problem.id for problem in load_problems(DataSource(jsonl(folder, content), rows=rows))]


@pytest.mark.parametrize(
    "keys",
    [HOSTILE, ["x", "y", "x", "x"], ["a_row2", "a", "a"], ["1", "", "0"], ["L" * 130, "L" * 131]],
)
def test_ids_are_safe_and_unique(tmp_path: Path, keys: Sequence[str]) -> None:
    found = ids(tmp_path, keys)
    assert len(set(found)) == len(keys)
    assert all(Path("folder", name).name == name for name in found)


def test_ids_do_not_depend_on_the_range(tmp_path: Path) -> None:
    """They name the files of one folder, which several ranges may fill."""
    keys = ["x", "y", "x", "x"]
    assert ids(tmp_path, keys, "2:4") == ids(tmp_path, keys)[2:4]


@pytest.mark.parametrize(
    ("path", "subset", "name"),
    [
        ("HuggingFaceH4/MATH-500", "default", "MATH-500_default"),
        ("org/data", "sub/set", "data_set"),
        ("some/folder/test.jsonl", "default", "test_default"),
        ("some/folder/", "", "folder_default"),
        ("org/data-v1.5", "default", "data-v1.5_default"),
    ],
)
def test_folder_name(path: str, subset: str, name: str) -> None:
    assert DataSource(path, subset).folder_name == name


def test_columns_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"task": "1+1?", "problem": "no", "result": "2", "key": "a/b", "why": "so"}\n')
    named = DataSource(
        str(path),
        question_column="task",
        answer_column="result",
        id_column="key",
        solution_column="why",
    )
    (problem,) = load_problems(named)
    assert (problem.question, problem.answer, problem.id, problem.solution) == (
        "1+1?",
        "2",
        "a_b",
        "so",
    )


def test_a_named_column_has_to_be_there(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text('{"problem": "1+1?", "answer": "2"}\n')
    with pytest.raises(InputError, match=r"has no column key: found .* Correct --id_column"):
        load_problems(DataSource(str(path), id_column="key"))
