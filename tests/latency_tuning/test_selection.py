"""`sprint select`: the fastest right trajectory of each problem, and nothing that went wrong."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint.finetuning_data_preparation import PreparationConfig
from sprint.finetuning_data_preparation import run as prepare
from sprint.latency_tuning.sample_ids import sample_id
from sprint.latency_tuning.selection import SelectConfig, run
from sprint.latency_tuning.selection.candidates import Candidate, fastest
from sprint.utils.errors import InputError
from sprint.utils.grammar import parse, render
from sprint.utils.records import Problem, Result, Trajectory
from support.result_folders import CALLS, sprint_result, write_results
from support.scripts import OTHER_PROBLEM, OTHER_TRAJECTORY, PROBLEM, TRAJECTORY
from support.tiny import save_tiny_model

SOUND = tuple(call for call in CALLS if call.kept)
SHORTER = replace(TRAJECTORY, phases=TRAJECTORY.phases[:1])
SHORTEST = replace(TRAJECTORY, phases=())


def row(problem: Problem, trajectory: Trajectory) -> dict[str, str]:
    return {
        "id": problem.id,
        "question": problem.question,
        "answer": problem.answer,
        "level": problem.level,
        "subject": "",
        "trajectory": render(trajectory, think=False),
    }


def sample(number: int, trajectory: Trajectory, problem: Problem = PROBLEM, **more: Any) -> Result:
    mine = replace(problem, id=sample_id(problem.id, number), index=number)
    return sprint_result(mine, trajectory, **({"calls": SOUND} | more))


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("model")
    save_tiny_model(folder)
    return str(folder)


@pytest.fixture
def selected(tmp_path: Path, tokenizer: str) -> Any:
    """Selects from data and samples; the rows written, and where."""

    def select(data: Sequence[dict[str, str]], samples: Sequence[Result]) -> list[dict[str, Any]]:
        folder = tmp_path / "data"
        split = {"train": datasets.Dataset.from_list([*data[:1]])}
        if data[1:]:
            split["test"] = datasets.Dataset.from_list([*data[1:]])
        datasets.DatasetDict(split).save_to_disk(folder)
        run(
            SelectConfig(
                folder=write_results(tmp_path / "samples", samples),
                data=folder,
                prices="h100_7b",
                tokenizer=tokenizer,
                output=tmp_path / "selected.jsonl",
            )
        )
        lines = (tmp_path / "selected.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    return select


def test_the_fastest_right_sample_replaces_what_was_taught(selected: Any) -> None:
    (kept,) = selected(
        [row(PROBLEM, TRAJECTORY)],
        [sample(1, TRAJECTORY), sample(2, SHORTER), sample(3, TRAJECTORY)],
    )
    assert parse(kept["trajectory"]) == SHORTER
    assert (kept["id"], kept["sampled"], kept["level"]) == (PROBLEM.id, True, PROBLEM.level)


def test_what_is_not_faster_does_not(selected: Any) -> None:
    (kept,) = selected([row(PROBLEM, SHORTER)], [sample(1, TRAJECTORY), sample(2, SHORTER)])
    assert (parse(kept["trajectory"]), kept["sampled"]) == (SHORTER, False)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"answer": "27"}, "1 wrong answer"),
        ({"faults": ["an execution was cut"]}, "1 fault"),
        ({"calls": CALLS}, "1 discarded attempt"),
    ],
)
def test_a_sample_that_went_wrong_does_not_count(
    selected: Any, wrong: dict[str, Any], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept,) = selected([row(PROBLEM, TRAJECTORY)], [sample(1, SHORTEST, **wrong)])
    assert not kept["sampled"]
    assert f"1 samples, 0 of them usable; {why}" in capsys.readouterr().out


def test_a_sample_outside_of_the_grammar_does_not_count(
    selected: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    torn = replace(sample(1, SHORTEST), response="<Plan_1>\nno end \\boxed{26}")
    (kept,) = selected([row(PROBLEM, TRAJECTORY)], [torn])
    assert not kept["sampled"]
    assert "1 not in the grammar" in capsys.readouterr().out


def test_a_sample_of_another_question_does_not_count(
    selected: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Such as of a row with the same number in another split."""
    other = replace(OTHER_PROBLEM, id=PROBLEM.id)
    (kept,) = selected([row(PROBLEM, TRAJECTORY)], [sample(1, OTHER_TRAJECTORY, other)])
    assert not kept["sampled"]
    assert "1 of another question" in capsys.readouterr().out


def test_problems_without_a_sample_and_without_a_row_are_kept(
    selected: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = selected([row(PROBLEM, TRAJECTORY)], [sample(1, OTHER_TRAJECTORY, OTHER_PROBLEM)])
    assert [(one["id"], one["sampled"]) for one in kept] == [
        (PROBLEM.id, False),
        (OTHER_PROBLEM.id, True),
    ]
    assert "1 keep their trajectory, 0 have a faster one, 1 have their first" in (
        capsys.readouterr().out
    )


def test_rows_of_both_splits_and_all_structures_compete(selected: Any) -> None:
    (kept,) = selected(
        [row(PROBLEM, TRAJECTORY), row(PROBLEM, SHORTEST), row(PROBLEM, SHORTER)],
        [sample(1, TRAJECTORY)],
    )
    assert parse(kept["trajectory"]) == SHORTEST


def test_stage_3_reads_what_is_selected(selected: Any, tmp_path: Path) -> None:
    selected(
        [row(PROBLEM, TRAJECTORY)],
        [sample(1, SHORTER), sample(1, OTHER_TRAJECTORY, OTHER_PROBLEM)],
    )
    prepare(
        PreparationConfig(
            data_hub_path=str(tmp_path / "selected.jsonl"),
            trajectory_column="trajectory",
            logs_dir=tmp_path / "logs",
            test_fraction=0.0,
        )
    )
    data = datasets.load_from_disk(str(tmp_path / "logs/finetuning_data/selected_default"))
    assert {one["id"]: parse(one["trajectory"]) for one in data["train"]} == {
        PROBLEM.id: SHORTER,
        OTHER_PROBLEM.id: OTHER_TRAJECTORY,
    }


def test_a_folder_without_results_is_refused(tmp_path: Path, tokenizer: str) -> None:
    datasets.DatasetDict(
        {"train": datasets.Dataset.from_list([row(PROBLEM, TRAJECTORY)])}
    ).save_to_disk(tmp_path / "data")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="has no results"):
        run(
            SelectConfig(
                folder=tmp_path / "empty",
                data=tmp_path / "data",
                prices="h100_7b",
                tokenizer=tokenizer,
                output=tmp_path / "selected.jsonl",
            )
        )


def test_data_without_trajectories_is_refused(tmp_path: Path, tokenizer: str) -> None:
    datasets.DatasetDict(
        {"train": datasets.Dataset.from_list([{"id": "p", "answer": "1"}])}
    ).save_to_disk(tmp_path / "data")
    with pytest.raises(InputError, match="has no column trajectory"):
        run(
            SelectConfig(
                folder=write_results(tmp_path / "samples", [sample(1, TRAJECTORY)]),
                data=tmp_path / "data",
                prices="h100_7b",
                tokenizer=tokenizer,
                output=tmp_path / "selected.jsonl",
            )
        )


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        problem=st.sampled_from("abc"),
        trajectory=st.just(TRAJECTORY),
        seconds=st.floats(0, 100),
        sampled=st.booleans(),
    )
)


@given(CANDIDATES)
def test_each_problem_has_its_fastest(candidates: list[Candidate]) -> None:
    kept = fastest(candidates)
    assert kept.keys() == {one.problem for one in candidates}
    for problem, best in kept.items():
        mine = [one for one in candidates if one.problem == problem]
        assert best is next(it for it in mine if it.seconds == min(one.seconds for one in mine))
