from __future__ import annotations

import json
from pathlib import Path

import pytest
from sprint.analysis.answer_tables import answer_table, load_references, read_answers
from sprint.utils.errors import InputError


@pytest.fixture
def references(tmp_path: Path) -> Path:
    path = tmp_path / "test.jsonl"
    row = {"problem": "1+1?", "answer": "2", "unique_id": "test/a/1.json", "level": 3}
    path.write_text(json.dumps(row | {"subject": "Algebra", "solution": "2"}) + "\n")
    return path


def write_trajectories(folder: Path) -> Path:
    folder.mkdir()
    for name in ("test_a_1", "test_a_9"):
        (folder / f"planner_trajectory_{name}.txt").write_text(
            "<think>\n<Final_answer>\nIt is $\\boxed{2}$.\n</Final_answer>\n</think>"
        )
    return folder


def test_a_folder_without_a_table_is_read_from_its_trajectories(
    references: Path, tmp_path: Path
) -> None:
    folder = write_trajectories(tmp_path / "out")
    table = answer_table(folder, load_references([str(references)]))
    assert table is not None
    known, unknown = table.to_dict("records")
    assert (known["PredictedFinalAnswer"], known["TrueFinalAnswer"]) == ("2", "2")
    assert (known["Level"], known["Subject"]) == ("3", "Algebra")
    # It is in the table all the same: nothing is left out in silence.
    assert (unknown["PredictedFinalAnswer"], unknown["TrueFinalAnswer"]) == ("2", "")


def test_without_references_there_are_no_answers(tmp_path: Path) -> None:
    assert answer_table(write_trajectories(tmp_path / "out")) is None


def test_the_answers_alone_can_be_read_without_references(tmp_path: Path) -> None:
    folder = write_trajectories(tmp_path / "out")
    (folder / "planner_trajectory_a\udcff.txt").write_text("<Final_answer>\n3\n</Final_answer>")
    table = read_answers(folder)
    assert sorted(table["PredictedFinalAnswer"]) == ["2", "2", "3"]
    assert set(table["TrueFinalAnswer"]) == {""}


def test_levels_that_a_table_lacks(references: Path, tmp_path: Path) -> None:
    (tmp_path / "base_model_output.csv").write_text(
        "ProblemIdx,PredictedFinalAnswer,TrueFinalAnswer\ntest/a/1.json,2,2\nother,2,3\n"
    )
    table = answer_table(tmp_path, load_references([str(references)]))
    assert table is not None
    assert list(table["Level"]) == ["3", ""]


def test_the_wrong_test_set_is_refused(references: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "base_model_trajectory_other.txt").write_text("The answer is 2.")
    with pytest.raises(InputError, match=r"expected ids such as test_a_1, found other"):
        answer_table(folder, load_references([str(references)]))
