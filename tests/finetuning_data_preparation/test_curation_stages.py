"""Stages 2 and 3 as commands, on files of stage 1, with the built-in annotators."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import datasets
import pytest
from sprint import component_separation as separation
from sprint import dag_creation as dag_creation
from sprint import finetuning_data_preparation as preparation
from sprint.utils.annotation.row_faults import FaultKind, RowFault
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from sprint.utils.files.run_record import software
from sprint.utils.grammar import parse
from sprint.utils.thoughts.stage_folders import DagFolder
from support.annotated import GOOD, SERIAL, create_dags, row, through_two_stages

ROWS = [
    row(GOOD),
    row(SERIAL),
    row(GOOD, answer="22"),
    row(GOOD.replace("at 7.", "at <prompt_1.1> 7.")),
    row(GOOD.replace("I need", "I really need")),
    row(""),
]


@pytest.fixture
def flags(tmp_path: Path) -> list[str]:
    return through_two_stages(tmp_path, ROWS)


def prepare(flags: list[str], *more: str) -> dict[str, Any]:
    preparation.run(from_command_line(preparation.PreparationConfig, [*flags, *more]))
    report: dict[str, Any] = json.loads(
        Path(flags[-1], "curation_report.json").read_text(encoding="utf-8")
    )
    return report


def test_files_of_dag_creation(flags: list[str]) -> None:
    logs = Path(flags[-1])
    made = (logs / "created_dags_rules" / "few_default" / "created_dag_0.json").read_text("utf-8")
    assert made == '{"1": [], "2": [1], "3": [1], "4": [2, 3]}'
    assert (logs / "dag_creation_output_rules" / "few_default" / "dag_creation_0.txt").is_file()
    picture = logs / "dags_viz_rules" / "few_default" / "dag_0.png"
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_pictures_are_bounded(flags: list[str], tmp_path: Path) -> None:
    logs = Path(flags[-1])
    for path in (logs / "created_dags_rules" / "few_default").iterdir():
        path.unlink()
    for path in (logs / "dags_viz_rules" / "few_default").iterdir():
        path.unlink()
    create_dags([*flags, "--max_pictures", "1"])
    assert [path.name for path in (logs / "dags_viz_rules").glob("*/*")] == ["dag_0.png"]


def test_pictures_of_finished_rows_are_drawn_later(flags: list[str]) -> None:
    """Asked for later, or lost: those of rows 0 to 2."""
    pictures = Path(flags[-1], "dags_viz_rules", "few_default")
    drawn = {path.name: path.read_bytes() for path in pictures.iterdir()}
    for path in pictures.iterdir():
        path.unlink()
    create_dags([*flags, "--max_pictures", "1"])
    (pictures / "dag_0.png").write_bytes(b"")
    create_dags([*flags, "--max_pictures", "3"])
    assert {path.name: path.read_bytes() for path in pictures.iterdir()} == {
        f"dag_{index}.png": drawn[f"dag_{index}.png"] for index in range(3)
    }


def test_pictures_are_drawn_anew_with_another_shortest_execution(flags: list[str]) -> None:
    picture = Path(flags[-1], "dags_viz_rules", "few_default", "dag_0.png")
    drawn = picture.read_bytes()
    create_dags([*flags, "--min_execution_lines", "40"])
    merged = picture.read_bytes()
    create_dags([*flags, "--min_execution_lines", "4"])
    assert merged != drawn == picture.read_bytes()


@pytest.mark.parametrize(
    ("order", "prompts"),
    [
        ("original", ("Work out P.", "Find Q.")),
        ("longest_first", ("Find Q.", "Work out P.")),
    ],
)
def test_the_order_of_prompts(tmp_path: Path, order: str, prompts: tuple[str, ...]) -> None:
    """In both, the report says what the longest work first saves."""
    longer = "3 + 9 = 12. " + "12 + 1 = 13. 13 - 1 = 12. " * 4
    flags = through_two_stages(tmp_path, [row(GOOD.replace("3 + 9 = 12. ", longer))])
    report = prepare(["--prompt_order", order, *flags])
    path = Path(flags[-1], "trajectory_data", "few_default", "trajectory_data_0.txt")
    first, second = parse(path.read_text(encoding="utf-8")).phases
    assert first.prompts == prompts
    assert [work.partition(" ")[0] for work in first.executions] == [p[-2] for p in prompts]
    assert second.plan[0].text.startswith("Based on execution_1.1, execution_1.2:\n")
    orders = report["prompt_order"]
    assert orders["longest_first"] < orders["original"]
    assert report["tokens"]["sequential"] == orders[order]
    assert report["settings"]["prompt_order"] == order


def test_what_is_kept_and_why_the_rest_is_not(flags: list[str]) -> None:
    report = prepare(flags)
    assert report["dropped_rows"] == {
        "final_answer_not_correct": [2],
        "no_components": [3, 5],
        "parallelization_ratio_too_low": [1],
    }
    assert (report["read"], report["kept"], report["train"], report["test"]) == (6, 2, 1, 1)
    assert report["annotation_faults"] == {
        "component_separation_empty_thought": 1,
        "component_separation_thought_holds_tags": 1,
    }
    assert report["mean_phases"] == 2
    assert report["mean_parallelization_ratio"] == 2


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"no components", None])
def test_a_damaged_file_drops_its_row_alone(flags: list[str], damage: bytes | None) -> None:
    path = next(Path(flags[-1]).rglob("numbered_thought_0.txt"))
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    report = prepare(flags)
    assert report["dropped_rows"]["unreadable"] == [0]
    assert report["kept"] == 1


def test_why_rows_have_no_dag_is_told(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    folder = DagFolder(Path(flags[-1]), "rules", "few_default")
    for index in (0, 1):
        folder.dag_path(index).unlink()
    folder.faults.note(0, RowFault(FaultKind.TRUNCATED, "It was cut off."))
    assert prepare(flags)["annotation_faults"] == {
        "component_separation_empty_thought": 1,
        "component_separation_thought_holds_tags": 1,
        "dag_creation_truncated_answer": 1,
        "dag_creation_unknown": 1,
    }
    assert "dag creation truncated answer 1" in capsys.readouterr().out


def test_the_dataset_holds_the_same_rows_for_both_models(flags: list[str]) -> None:
    prepare(flags, "--test_fraction", "0")
    data = datasets.load_from_disk(Path(flags[-1], "finetuning_data", "few_default"))
    assert list(data) == ["train"]
    assert list(data["train"]["index"]) == [0, 4]
    first = data["train"][0]
    assert first["thought"] == GOOD
    assert first["solution"] == "Therefore, the sum is $\\boxed{21}$."
    trajectory = parse(first["trajectory"])
    assert trajectory.question == "The sum?"
    assert [phase.prompts for phase in trajectory.phases] == [
        ("Work out P.", "Find Q."),
        ("Add up the results.",),
    ]
    assert trajectory.final_answer == first["solution"]
    written = Path(flags[-1], "trajectory_data", "few_default", "trajectory_data_0.txt")
    assert written.read_text(encoding="utf-8") == first["trajectory"]


def test_short_executions_are_merged_and_counted(flags: list[str]) -> None:
    report = prepare(flags, "--min_execution_lines", "5", "--test_fraction", "0")
    assert report["repairs"] == {"merged_execution": 6}
    assert "Observation" not in json.dumps(report)


def test_the_filter_judges_the_answer_of_the_thought(tmp_path: Path) -> None:
    """What the solution says is right of all three; the second states another answer itself."""
    rows = [row(GOOD), row(GOOD.replace("is 21.", "is 20.")), row(f"{GOOD}\n\nAll is well.")]
    report = prepare(through_two_stages(tmp_path, rows))
    assert report["dropped_rows"] == {"final_answer_not_correct": [1]}
    assert report["answers"] == {"stated_by_the_thought": 1, "graded_by_the_solution_alone": 1}


def test_trajectories_of_an_earlier_run_do_not_stay(flags: list[str]) -> None:
    prepare(flags)
    prepare(flags, "--range", "0:1")
    written = Path(flags[-1], "trajectory_data", "few_default")
    assert [path.name for path in written.iterdir()] == ["trajectory_data_0.txt"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (["--parallelization_threshold", "2.1"], "parallelization_ratio_too_low"),
        (["--max_phases", "2"], "too_many_phases"),
        (["--max_prompts", "1"], "too_many_prompts_in_a_plan"),
    ],
)
def test_nothing_left_is_an_error_with_the_reasons_on_disk(
    flags: list[str], more: list[str], reason: str
) -> None:
    with pytest.raises(InputError, match="None of 1 rows was kept"):
        prepare(flags, "--range", "0:1", *more)
    report = json.loads(Path(flags[-1], "curation_report.json").read_text(encoding="utf-8"))
    assert report["dropped_rows"] == {reason: [0]}


def test_the_report_names_the_software(flags: list[str]) -> None:
    assert prepare(flags)["software"] == [software()]


def test_where_nothing_is_kept_no_earlier_dataset_stands_beside_the_report(
    flags: list[str],
) -> None:
    prepare(flags)
    logs = Path(flags[-1])
    kinds = ("finetuning_data", "trajectory_data")
    assert all((logs / kind / "few_default").is_dir() for kind in kinds)
    with pytest.raises(InputError, match="None of"):
        prepare(flags, "--max_prompts", "1")
    assert not any((logs / kind / "few_default").exists() for kind in kinds)


def test_stages_in_the_wrong_order_are_told(tmp_path: Path) -> None:
    path = tmp_path / "few.jsonl"
    path.write_text(json.dumps(ROWS[0]), encoding="utf-8")
    flags = ["--data_hub_path", str(path), "--logs_dir", str(tmp_path / "logs")]
    with pytest.raises(InputError, match="run component separation first"):
        create_dags(flags)
    with pytest.raises(InputError, match="run component separation first"):
        prepare(flags)
    separation.run(from_command_line(separation.SeparationConfig, flags))
    with pytest.raises(InputError, match="DAG creation first"):
        prepare(flags)


def test_a_mistyped_model_does_not_cost_the_dataset(flags: list[str]) -> None:
    prepare(flags)
    data = Path(flags[-1]) / "finetuning_data" / "few_default"
    with pytest.raises(InputError, match=r"No components in .*component_separation_output_other"):
        prepare(flags, "--component_separation_model", "other")
    assert data.is_dir()


def test_dags_of_another_thought_are_not_created(flags: list[str]) -> None:
    path = Path(flags[1])
    changed = [json.loads(line) for line in path.read_text().splitlines()]
    for one in changed:
        one["thought"] += " Good."
    path.write_text("".join(json.dumps(one) + "\n" for one in changed))
    shutil.rmtree(Path(flags[-1]) / "dag_creation_output_rules")
    with pytest.raises(InputError, match="contains a different thought than row 0"):
        create_dags(flags)


def test_a_length_needs_a_tokenizer(flags: list[str]) -> None:
    with pytest.raises(InputError, match="go together"):
        prepare(flags, "--max_length", "100")
