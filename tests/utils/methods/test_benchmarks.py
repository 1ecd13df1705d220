"""Benchmarks are read from small local files with the columns they have on the hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from sprint.sample_world.command import rows
from sprint.utils.data.loading import DataSource, load_rows, problem_id
from sprint.utils.errors import InputError
from sprint.utils.grading import grade
from sprint.utils.methods.benchmarks import (
    BENCHMARKS,
    GENERATED,
    SAMPLE_WORLD,
    benchmark_source,
    generated_countdown,
    load_benchmark,
)
from sprint.utils.methods.config import BenchmarkName, ProblemsConfig
from sprint.utils.methods.evaluation import (
    test_source as source_of,  # a name that pytest would collect
)
from sprint.utils.records import Problem

GPQA = {
    "Record ID": "rec1",
    "Question": "Which?",
    "Correct Answer": "right",
    "Incorrect Answer 1": "one",
    "Incorrect Answer 2": "two",
    "Incorrect Answer 3": "three",
    "High-level domain": "Physics",
}


def load(name: str, tmp_path: Path, *rows: dict[str, Any], seed: int = 0) -> list[Problem]:
    path = tmp_path / "copy.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = benchmark_source(name, DataSource(str(path)), seed)
    return list(load_benchmark(name, source, seed))


def test_gsm8k(tmp_path: Path) -> None:
    (problem,) = load("gsm8k", tmp_path, {"question": "How?", "answer": "2+2=<<2+2=4>>4\n#### 4"})
    assert (problem.question, problem.answer, problem.id) == ("How?", "4", "0")


def test_gpqa_options_are_shuffled_by_the_seed(tmp_path: Path) -> None:
    rows = [GPQA | {"Record ID": f"rec{n}"} for n in range(40)]
    problems = load("gpqa_diamond", tmp_path, *rows)
    assert {problem.answer for problem in problems} == set("ABCD")
    for problem in problems:
        assert f"({problem.answer}) right" in problem.question
    assert load("gpqa_diamond", tmp_path, *rows) == problems
    assert load("gpqa_diamond", tmp_path, *rows, seed=1) != problems
    assert (problems[0].id, problems[0].subject) == ("rec0", "Physics")


def test_countdown(tmp_path: Path) -> None:
    (problem,) = load("countdown", tmp_path, {"nums": [8, 3, 2], "target": 12})
    assert grade(problem.answer, "8 * 3 / 2").status == "correct"
    assert "8, 3, 2" in problem.question


@pytest.mark.parametrize("nums", ["[8 3 2]", "[ 8  3\n 2]", "[8, 3, 2]", "8,3,2", [8.0, 3, 2]])
def test_countdown_numbers_and_target_as_tables_write_them(nums: object, tmp_path: Path) -> None:
    (problem,) = load("countdown", tmp_path, {"nums": nums, "target": "12.0"})
    assert problem.answer == "countdown: all of 8, 3, 2; target 12"


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("countdown", {"nums": "[8 3 x]", "target": 12}, "expected whole numbers, found 'x'"),
        ("countdown", {"nums": "[]", "target": 12}, "expected whole numbers, found ''"),
        ("countdown", {"nums": [8, 3], "target": 12.5}, "expected whole numbers, found '12.5'"),
        ("countdown", {"nums": [8, -3], "target": 5}, "expected whole numbers, found '-3'"),
        ("gsm8k", {"question": "How?", "answer": "2+2=4"}, "answer after ####"),
        ("gsm8k", {"question": "How?", "answer": "2+2=4 ####"}, "answer after ####"),
        ("gsm8k", {"question": None, "answer": "#### 4"}, "a question, but question is empty"),
        ("gpqa_diamond", GPQA | {"Question": " "}, "a question, but Question is empty"),
    ],
)
def test_a_row_of_another_kind_is_named(
    name: str, row: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(
        InputError, match=f"Row 0 of .*copy.jsonl is not a valid row of {name}: .*{message}"
    ):
        load(name, tmp_path, row)[0]


@pytest.mark.parametrize("name", ["math500", "aime2024", "aime2025"])
def test_those_with_the_usual_columns(name: str, tmp_path: Path) -> None:
    (problem,) = load(name, tmp_path, {"problem": "1+1?", "answer": "2", "id": "x"})
    assert (problem.question, problem.answer) == ("1+1?", "2")


def test_generated_problems_can_be_solved() -> None:
    source = benchmark_source(GENERATED, DataSource("", rows="0:50"), 3)
    problems = load_benchmark(GENERATED, source, 3)
    assert source.folder_name == "countdown-generated_seed_3"
    assert [problem.index for problem in problems] == list(range(50))
    assert all(grade(problem.answer, problem.solution).correct for problem in problems)
    assert generated_countdown(3, 0) != generated_countdown(4, 0)


def test_the_sample_world_is_that_of_its_command() -> None:
    source = benchmark_source(SAMPLE_WORLD, DataSource("", rows="2:4"), 1)
    assert source.folder_name == "sample_world_seed_1"
    problems = load_benchmark(SAMPLE_WORLD, source, 1)
    written = rows("test", 4, 1)[2:]
    assert [problem.question for problem in problems] == [row["problem"] for row in written]
    assert [problem.id for problem in problems] == [
        problem_id(str(row["unique_id"])) for row in written
    ]
    assert [problem.index for problem in problems] == [2, 3]


def test_what_is_no_copy_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a copy of countdown: it lacks nums, target"):
        load("countdown", tmp_path, {"question": "?", "answer": "1"})


@pytest.mark.parametrize("name", [GENERATED, SAMPLE_WORLD])
def test_what_is_made_here_takes_no_dataset(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{name} is generated"):
        load(name, tmp_path, {"a": "b"})


@pytest.mark.parametrize("name", sorted(set(BENCHMARKS) - {GENERATED, SAMPLE_WORLD}))
def test_without_a_copy_the_hub_is_named(name: str) -> None:
    benchmark = BENCHMARKS[name]
    source = benchmark_source(name, DataSource("", rows="0:5"), 0)
    assert source == DataSource(benchmark.hub_path, benchmark.subset, benchmark.split, "0:5")


def test_a_subset_and_a_split_that_are_given_count() -> None:
    source = benchmark_source("gsm8k", DataSource("", "socratic", "train"), 0)
    assert source == DataSource("openai/gsm8k", "socratic", "train")


def test_a_copy_on_the_hub_has_the_subset_of_the_benchmark() -> None:
    source = benchmark_source("gsm8k", DataSource("someone/gsm8k"), 0)
    assert source == DataSource("someone/gsm8k", "main")


@pytest.mark.parametrize("path", ["", "someone/copy"])
@pytest.mark.parametrize("name", ["gsm8k", "gpqa_diamond", "countdown"])
def test_columns_of_its_own_take_no_other_names(name: str, path: str) -> None:
    given = DataSource(path, question_column="q", id_column="i")
    with pytest.raises(InputError, match="omit --question_column, --id_column"):
        benchmark_source(name, given, 0)


def test_usual_columns_may_have_other_names() -> None:
    source = benchmark_source("math500", DataSource("", question_column="q"), 0)
    assert source.named_columns == {"question": "q"}


@pytest.mark.parametrize("given", [DataSource("", "a"), DataSource("", split="train")])
def test_generated_takes_no_subset_or_split(given: DataSource) -> None:
    with pytest.raises(InputError, match="no dataset, subset or split"):
        benchmark_source(GENERATED, given, 0)


def test_the_flag_takes_every_benchmark() -> None:
    assert set(get_args(BenchmarkName)) == set(BENCHMARKS)


def test_no_test_set_is_an_error() -> None:
    with pytest.raises(InputError, match="give --test_hub_path, or --benchmark"):
        source_of(ProblemsConfig())


def test_equal_options_of_gpqa_are_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [
        GPQA | {"Record ID": "fine"},
        GPQA | {"Record ID": "vague", "Incorrect Answer 2": " one "},
        GPQA | {"Record ID": "unfair", "Incorrect Answer 3": "right\n"},
    ]
    problems = load("gpqa_diamond", tmp_path, *rows)
    assert [problem.id for problem in problems] == ["fine", "vague"]
    assert "1 rows have equal wrong options and are kept (vague)" in caplog.text
    assert "equal to the right one: they cannot be graded, and are left out (unfair)" in caplog.text


def test_a_copy_of_gpqa_without_a_row_that_can_be_graded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"None of the 1 rows of .* can be graded"):
        load("gpqa_diamond", tmp_path, GPQA | {"Incorrect Answer 3": "right"})


def test_an_option_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="four options, but Incorrect Answer 2 is empty"):
        load("gpqa_diamond", tmp_path, GPQA | {"Incorrect Answer 2": None})


def test_columns_of_a_benchmark_match_whatever_their_case(tmp_path: Path) -> None:
    row = {key.lower().replace(" ", "_"): value for key, value in GPQA.items()}
    (problem,) = load("gpqa_diamond", tmp_path, row)
    assert (problem.id, problem.subject) == ("rec1", "Physics")
    (problem,) = load("countdown", tmp_path, {"Nums": "[8, 3, 2]", "Target": 12})
    assert problem.answer == "countdown: all of 8, 3, 2; target 12"


def test_a_clone_of_a_benchmark_has_its_subset(tmp_path: Path) -> None:
    for subset in ("main", "socratic"):
        (tmp_path / subset).mkdir()
        row = {"question": subset, "answer": "#### 1"}
        (tmp_path / subset / "test-00000-of-00001.jsonl").write_text(json.dumps(row))
    source = benchmark_source("gsm8k", DataSource(str(tmp_path)), 0)
    assert [it.question for it in load_benchmark("gsm8k", source, 0)] == ["main"]


def test_a_folder_with_a_file_for_each_subset(tmp_path: Path) -> None:
    for subset in ("gpqa_extended", "gpqa_diamond", "gpqa_main"):
        row = GPQA | {"Record ID": subset}
        (tmp_path / f"{subset}.jsonl").write_text(json.dumps(row))
    source = benchmark_source("gpqa_diamond", DataSource(str(tmp_path)), 0)
    assert [it.id for it in load_benchmark("gpqa_diamond", source, 0)] == ["gpqa_diamond"]
    assert len(load_rows(DataSource(str(tmp_path), "gpqa_main"))) == 1
