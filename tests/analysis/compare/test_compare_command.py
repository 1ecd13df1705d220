from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sprint.analysis.answer_tables import load_references
from sprint.analysis.compare import comparison, read_method, read_methods
from sprint.utils.errors import InputError
from sprint.utils.latency.ledger_work import ledger_rounds
from sprint.utils.latency.priced_path import TimePrices, priced_seconds
from support.limits import PROCESS_PATIENCE
from support.result_folders import CALLS, sprint_result, write_results

DATA = Path(__file__).resolve().parents[3] / ".." / "shared" / "data"
SHARED = DATA / "published_logs"
PUBLISHED_SPRINT = SHARED / "logs_full_trajectory" / "SPRINT" / "MATH-500_default"
PUBLISHED_RFT = SHARED / "logs_base_model" / "base_model_output_RFT" / "MATH-500_default"


class Words:
    def encode(self, text: str, add_special_tokens: bool = True) -> list[str]:
        return text.split()


def compare(folders: list[Path], tokenizer: Words | None = None) -> str:
    return comparison(read_methods(folders, tokenizer))


def write_serial(folder: Path, question: str = "?") -> Path:
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"method": "RFT", "model": "m", "tokenizer": "m"}')
    (folder / "base_model_output.csv").write_text(
        "ProblemIdx,PredictedFinalAnswer,TrueFinalAnswer,ElapsedTime,Question,ModelResponse,"
        "Solution,Level,Subject\n"
        f"test_a_1,007,7,2.0,{question},r,,5,A\n"
        "test/a/2.json,None,8,4.0,?,r,,1,A\n"
    )
    (folder / "base_model_trajectory_test_a_1.txt").write_text("a b c d\n</think>")
    (folder / "base_model_trajectory_test_a_2.txt").write_text("a b")
    return folder


def test_rows_and_trajectories_of_a_problem_meet(tmp_path: Path) -> None:
    results = read_method(write_serial(tmp_path / "out"), Words())
    assert results.method == "RFT"
    first, second = results.problems
    assert (first.problem_id, first.level, first.status, first.sequential, first.seconds) == (
        "test_a_1",
        "5",
        "correct",
        4,
        2.0,
    )
    # The text "None" is an answer, if a wrong one, and no missing cell.
    assert (second.problem_id, second.status, second.total) == ("test_a_2", "incorrect", 2)


def test_priced_paths_are_those_of_the_ledger_or_of_the_text(tmp_path: Path) -> None:
    """The serial folder has no ledger: its prices are by the words of its texts."""
    serial = read_method(write_serial(tmp_path / "out"), Words(), prices=TimePrices(2))
    assert [problem.priced for problem in serial.problems] == [2 * 5, 2 * 2]
    ours = write_results(tmp_path / "sprint", [sprint_result()])
    (problem,) = read_method(ours, Words(), prices=TimePrices(1)).problems
    assert problem.priced == priced_seconds(ledger_rounds(CALLS), TimePrices(1))
    assert read_method(ours, Words()).problems[0].priced is None


def test_what_was_never_answered_is_wrong_and_in_no_mean(tmp_path: Path) -> None:
    """No tokens in no time would make the method look short and fast."""
    folder = write_serial(tmp_path / "out")
    with (folder / "base_model_output.csv").open("a") as file:
        file.write("test_a_3,,8,0.0,?,,,1,A\n")
    (folder / "base_model_trajectory_test_a_3.txt").write_text("")
    *_, third = read_method(folder, Words()).problems
    assert (third.status, third.sequential, third.total, third.seconds) == (
        "no_answer",
        None,
        None,
        None,
    )
    report = compare([folder], Words())
    assert "| RFT | 3 | 33.3 % | 3 | 3 | 3.00 |" in report
    assert "RFT: 1 of 3 problems have no trajectory and are not in that mean." in report


def test_of_rows_with_one_problem_the_last_counts(tmp_path: Path) -> None:
    folder = write_serial(tmp_path / "out")
    with (folder / "base_model_output.csv").open("a") as file:
        file.write("test_a_1,6,7,2.0,?,r,,5,A\n")
    results = read_method(folder, Words())
    assert (results.repeated, len(results.problems)) == (1, 2)
    assert results.problems[0].status == "incorrect"


@pytest.mark.parametrize(
    ("said", "expected"), [('"problems": 10', 10), ('"problems": "10"', None), ('"a": 1', None)]
)
def test_run_json_tells_how_many_problems_there_are_to_be(
    tmp_path: Path, said: str, expected: int | None
) -> None:
    folder = write_serial(tmp_path / "out")
    (folder / "run.json").write_text(f'{{"method": "RFT", {said}}}')
    assert read_method(folder, Words()).expected == expected


def test_two_folders_of_one_method_are_told_apart(tmp_path: Path) -> None:
    one, two = (write_serial(tmp_path / name / "test_default") for name in ("one", "two"))
    report = compare([one, two], Words())
    assert "RFT (one)" in report
    assert "RFT (two)" in report


def test_different_problems_below_one_name_are_not_paired(tmp_path: Path) -> None:
    one = write_serial(tmp_path / "a" / "problems_default", "1 + 6?")
    two = write_serial(tmp_path / "b" / "problems_default", "2 + 5?")
    message = r"test_a_1 asks '1 \+ 6\?' in one and '2 \+ 5\?' in the other"
    with pytest.raises(InputError, match=message):
        compare([one, two], Words())
    report = compare([one, two.rename(tmp_path / "b" / "others_default")], Words())
    assert "## problems_default" in report
    assert "## others_default" in report


@pytest.mark.parametrize("question", ["  1 +   6? ", ""])
def test_a_question_without_its_text_or_with_other_spaces_is_the_same(
    tmp_path: Path, question: str
) -> None:
    one = write_serial(tmp_path / "a" / "problems_default", "1 + 6?")
    two = write_serial(tmp_path / "b" / "problems_default", question)
    assert "| RFT (b) | 2 |" in compare([one, two], Words())


def test_csv_without_trajectories_gives_no_tokens(tmp_path: Path) -> None:
    folder = write_serial(tmp_path / "out")
    for path in folder.glob("*.txt"):
        path.unlink()
    assert "| RFT | 2 | 50.0 % | – | – | 3.00 |" in compare([folder])


def test_folder_that_lacks_everything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has neither"):
        read_method(tmp_path)


def test_damaged_run_json_is_named(tmp_path: Path) -> None:
    folder = write_serial(tmp_path / "out")
    (folder / "run.json").write_text("{")
    with pytest.raises(InputError, match=r"run\.json is damaged"):
        read_method(folder, Words())


def test_csv_with_shifted_columns_is_named(tmp_path: Path) -> None:
    text = "ProblemIdx,PredictedFinalAnswer,TrueFinalAnswer\n1,2,2,3\n"
    (tmp_path / "base_model_output.csv").write_text(text)
    with pytest.raises(InputError, match=r"base_model_output\.csv has rows with more fields"):
        compare([tmp_path])


def test_empty_csv_is_named(tmp_path: Path) -> None:
    (tmp_path / "base_model_output.csv").write_text("")
    with pytest.raises(InputError, match=r"base_model_output\.csv should be a CSV"):
        read_method(tmp_path)


@pytest.mark.skipif(not PUBLISHED_SPRINT.is_dir(), reason="needs ../shared/data")
def test_published_logs_compare_as_they_are() -> None:
    report = compare([PUBLISHED_RFT, PUBLISHED_SPRINT], Words())
    assert "| RFT | 40 | – |" in report
    assert "| SPRINT | 40 | – |" in report
    assert "different problems" not in report
    assert "RFT: the folder contains no CSV with answers; give the test set" in report


@pytest.mark.skipif(not PUBLISHED_SPRINT.is_dir(), reason="needs ../shared/data")
def test_published_logs_are_graded_with_their_test_set() -> None:
    """Wrong are those that a reader finds wrong."""
    references = load_references([str(DATA / "math500.jsonl")])
    rft, sprint = read_methods([PUBLISHED_RFT, PUBLISHED_SPRINT], Words(), references)
    assert {p.status for p in rft.problems} == {"correct"}
    assert sorted(p.problem_id for p in sprint.problems if p.status != "correct") == [
        "test_algebra_1837",
        "test_intermediate_algebra_117",
        "test_intermediate_algebra_662",
        "test_precalculus_1133",
    ]
    assert sprint.problems[0].subject == "Algebra"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sprint.analysis.compare", *arguments],
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )


def test_command_prints_the_table_and_writes_it(tmp_path: Path) -> None:
    folder = write_serial(tmp_path / "out")
    for path in folder.glob("*.txt"):
        path.unlink()
    done = run(str(folder), "--output", str(tmp_path / "table.md"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (tmp_path / "table.md").read_text()


def test_command_ends_in_one_sentence_for_bad_input(tmp_path: Path) -> None:
    done = run(str(tmp_path / "missing"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "does not exist" in done.stderr
    (tmp_path / "out.csv").touch()
    assert "is a file: give the result folder" in run(str(tmp_path / "out.csv")).stderr
