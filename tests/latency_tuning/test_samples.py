"""`sprint resample`: each problem several times, under ids that lead back to it."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sprint.latency_tuning.sample_ids import problem_of, sample_id
from sprint.latency_tuning.samples import ResampleConfig, run
from sprint.utils.data.loading import DataSource, load_problems
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


def test_rows_are_chosen_as_for_inference(tmp_path: Path) -> None:
    problems, output = tmp_path / "problems.jsonl", tmp_path / "samples.jsonl"
    write_problems(problems, [PROBLEM, OTHER_PROBLEM])
    run(ResampleConfig(data_hub_path=str(problems), range="1:2", samples=1, output=output))
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["id"] for row in rows] == [sample_id(OTHER_PROBLEM.id, 1)]
