"""`sprint resample`: each problem several times, under ids that lead back to it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.latency_tuning.sample_ids import problem_of, sample_id
from sprint.latency_tuning.samples import ResampleConfig, run
from sprint.utils.data.loading import DataSource, load_problems
from sprint.utils.errors import InputError
from support.commands import write_problems
from support.scripts import OTHER_PROBLEM, PROBLEM


@given(st.text(max_size=20), st.integers(1, 10**6))
def test_an_id_leads_back_to_its_problem(problem: str, number: int) -> None:
    assert problem_of(sample_id(problem, number)) == problem


def test_the_id_of_no_sample_is_its_own() -> None:
    assert [problem_of(name) for name in ("p_1", "p_sample_", "p_sample_x")] == [
        "p_1",
        "p_sample_",
        "p_sample_x",
    ]


def test_samples_are_problems_for_inference(tmp_path: Path) -> None:
    problems, output = tmp_path / "problems.jsonl", tmp_path / "round" / "samples.jsonl"
    write_problems(problems, [PROBLEM, OTHER_PROBLEM])
    run(ResampleConfig(data_hub_path=str(problems), samples=3, output=output))
    found = load_problems(DataSource(str(output)))
    assert [one.id for one in found] == [
        sample_id(problem.id, number)
        for problem in (PROBLEM, OTHER_PROBLEM)
        for number in (1, 2, 3)
    ]
    assert {problem_of(one.id): one.question for one in found} == {
        problem.id: problem.question for problem in (PROBLEM, OTHER_PROBLEM)
    }
    assert {(one.answer, one.level) for one in found} == {(PROBLEM.answer, PROBLEM.level)}


def test_the_training_split_is_sampled(tmp_path: Path) -> None:
    """As stages 1 to 3 read it: row numbers may be the ids."""
    datasets.DatasetDict(
        {
            split: datasets.Dataset.from_list([{"question": f"{split}?", "answer": "1"}])
            for split in ("test", "train")
        }
    ).save_to_disk(tmp_path / "data")
    output = tmp_path / "samples.jsonl"
    run(ResampleConfig(data_hub_path=str(tmp_path / "data"), samples=1, output=output))
    assert [one.question for one in load_problems(DataSource(str(output)))] == ["train?"]


def test_an_id_that_would_be_cut_off_is_refused(tmp_path: Path) -> None:
    problems, output = tmp_path / "problems.jsonl", tmp_path / "samples.jsonl"
    write_problems(problems, [replace(PROBLEM, id="x" * 112)])
    with pytest.raises(InputError, match="is too long for samples"):
        run(ResampleConfig(data_hub_path=str(problems), samples=1, output=output))
    assert not output.exists()


def test_rows_are_chosen_as_for_inference(tmp_path: Path) -> None:
    problems, output = tmp_path / "problems.jsonl", tmp_path / "samples.jsonl"
    write_problems(problems, [PROBLEM, OTHER_PROBLEM])
    run(ResampleConfig(data_hub_path=str(problems), range="1:2", samples=1, output=output))
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["id"] for row in rows] == [sample_id(OTHER_PROBLEM.id, 1)]
