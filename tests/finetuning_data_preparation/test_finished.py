"""Finished trajectories as training data: the same rows as curated ones, and the same report."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.image import imread
from sprint import component_separation as separation
from sprint import dag_creation
from sprint import finetuning_data_preparation as preparation
from sprint.finetuning_data_preparation.config import Limits
from sprint.finetuning_data_preparation.curation import Curated, Curation
from sprint.finetuning_data_preparation.filters import Reason
from sprint.finetuning_data_preparation.finished import CheckTrajectory
from sprint.sample_world import command as sample_world
from sprint.utils.config import from_command_line
from sprint.utils.data.loading import DataSource
from sprint.utils.data.trajectories import load_trajectories
from sprint.utils.errors import InputError
from sprint.utils.grammar import render, training_text
from sprint.utils.prompt_files import load_prompt
from sprint.utils.records import Phase, PlanSegment, Trajectory
from support.scripts import OTHER_TRAJECTORY, TRAJECTORY

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / ".." / "shared" / "data"
TEXT = render(TRAJECTORY)
BARE = TEXT.partition("</Question>\n\n")[2]
Rows = Iterable[Mapping[str, Any]]


def write(folder: Path, rows: Rows) -> Path:
    path = folder / "ready.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


def prepare(data: Path, logs: Path, *flags: str, column: str = "trajectory") -> dict[str, Any]:
    given = ["--data_hub_path", str(data), "--logs_dir", str(logs), "--trajectory_column", column]
    preparation.run(from_command_line(preparation.PreparationConfig, [*given, *flags]))
    report: dict[str, Any] = json.loads((logs / "curation_report.json").read_text("utf-8"))
    return report


def kept(folder: Path) -> list[dict[str, Any]]:
    """All rows of the fine-tuning data, in the order of the source."""
    saved = datasets.load_from_disk(str(folder))
    rows = [row for part in saved.values() for row in part]
    return sorted(rows, key=lambda row: int(row["index"]))


@pytest.fixture(scope="module")
def curated(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Rows of the sample world after stages 1 to 3."""
    logs = tmp_path_factory.mktemp("curated") / "logs"
    data = write(logs.parent, sample_world.rows("train", 8, seed=1))
    flags = ["--data_hub_path", str(data), "--logs_dir", str(logs)]
    separation.run(from_command_line(separation.SeparationConfig, flags))
    dag_creation.run(from_command_line(dag_creation.DagConfig, flags))
    preparation.run(from_command_line(preparation.PreparationConfig, flags))
    return kept(logs / "finetuning_data" / "ready_default")


SHAPES = ("columns", "one text", "prompt and completion", "messages", "chat template")


def shaped(row: Mapping[str, Any], shape: str) -> tuple[dict[str, Any], str]:
    """A curated row as another dataset would have it, and the flag for its trajectory."""
    text, rest = row["trajectory"], {"id": row["id"], "answer": row["answer"]}
    rest |= {"level": row["level"], "subject": row["subject"]}
    body = text.partition("</Question>\n\n")[2]
    instruction = load_prompt("global_agent_prompt")
    match shape:
        case "columns":
            return rest | {"question": row["question"], "plan": body}, "plan"
        case "one text":
            return rest | {"text": f"{instruction}\n\n{text}"}, "text"
        case "prompt and completion":
            asked = f"{instruction}\n\n<Question>\n{row['question']}\n</Question>\n\n"
            return rest | {"prompt": asked, "completion": f"<think>\n{body}\n</think>"}, (
                "completion"
            )
        case "messages":
            said = [{"role": "user", "content": row["question"]}]
            said.append({"role": "assistant", "content": body})
            return rest | {"messages": said}, "messages.1.content"
    asked = f"<|im_start|>user\n{instruction}\n\n{row['question']}<|im_end|>\n"
    return rest | {"text": f"{asked}<|im_start|>assistant\n<think>\n{body}<|im_end|>"}, "text"


@pytest.mark.parametrize("shape", SHAPES)
def test_curated_rows_come_back_the_same(
    curated: list[dict[str, Any]], shape: str, tmp_path: Path
) -> None:
    assert len(curated) >= 5
    written, columns = zip(*(shaped(row, shape) for row in curated), strict=True)
    report = prepare(write(tmp_path, written), tmp_path / "logs", column=columns[0])
    again = kept(tmp_path / "logs" / "finetuning_data" / "ready_default")
    unknown = {"thought": "", "index": 0}
    assert [row | unknown for row in again] == [row | unknown for row in curated]
    assert (report["kept"], report["dropped"], report["repairs"]) == (len(curated), {}, {})
    assert report["answers"] == {"equal_to_the_reference": len(curated), "not_graded": 0}


def test_a_named_thought_is_kept(curated: list[dict[str, Any]], tmp_path: Path) -> None:
    data = write(tmp_path, curated)
    prepare(data, tmp_path / "logs", "--thought_column", "thought")
    again = kept(tmp_path / "logs" / "finetuning_data" / "ready_default")
    assert [row | {"index": 0} for row in again] == [row | {"index": 0} for row in curated]


words = st.text(st.sampled_from("ab<> \n\\$"), min_size=1).map(str.strip).filter(bool)


@st.composite
def trajectories(draw: st.DrawFn) -> Trajectory:
    phases = []
    for count in draw(st.lists(st.integers(0, 3), min_size=1, max_size=3)):
        plan = [PlanSegment(draw(words), draw(words)) for _ in range(count)]
        closing = [PlanSegment(draw(words))] if not count else []
        phases.append(Phase((*plan, *closing), tuple(draw(words) for _ in plan)))
    return Trajectory(draw(words), tuple(phases), draw(words))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(trajectories(), min_size=1, max_size=3, unique=True))
def test_what_was_rendered_is_trained_on_as_it_was(made: list[Trajectory]) -> None:
    """Through a file and the loader: what training reads is the trajectory itself."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [{"text": "".join(training_text("Do.", one))} for one in made]
        data = write(Path(folder), rows)
        texts = load_trajectories(DataSource(str(data), trajectory_column="text"))
        results = [*map(CheckTrajectory(Curation(Limits(), 4, "Do.", "", "original")), texts)]
    found = [result.row for result in results]
    assert all(isinstance(row, Curated) for row in found)
    assert [row.row()["trajectory"] for row in found if row] == [
        render(one, think=False) for one in made
    ]
    assert [row.row()["question"] for row in found if row] == [one.question for one in made]
    assert [row.row()["solution"] for row in found if row] == [one.final_answer for one in made]
    assert {result.grading for result in results} == {"not_graded"}


def many(prompts: int, phases: int = 1) -> str:
    plan = tuple(PlanSegment("So.", f"Do {n}.") for n in range(prompts))
    one = Phase(plan, ("Done.",) * prompts)
    return render(Trajectory("Another?", (one,) * phases, "\\boxed{26}"))


DROPPED = {
    Reason.NO_PLAN: {"trajectory": ""},
    Reason.NO_QUESTION: {"trajectory": BARE, "answer": "26"},
    Reason.NO_FINAL_ANSWER: {"trajectory": TEXT.partition("<Final_answer>")[0]},
    Reason.EMPTY_WORK: {"trajectory": TEXT.replace("6+20=26.", "")},
    Reason.MALFORMED_TAGS: {"trajectory": TEXT.replace("</Plan_1>", "")},
    Reason.SEVERAL: {"trajectory": TEXT + TEXT},
    Reason.TEXT_OUTSIDE: {"trajectory": TEXT.replace("<Execution_1>", "Go.\n<Execution_1>")},
    Reason.WRONG_ANSWER: {"trajectory": TEXT, "answer": "27"},
    Reason.REPEATED: {"trajectory": f"{TEXT}\n", "answer": "26"},
    Reason.PROMPTS: {"trajectory": many(9), "answer": "26"},
    Reason.PHASES: {"trajectory": many(1, phases=12), "answer": "26"},
}
KEPT = [
    {"trajectory": TEXT, "answer": "26"},
    {"trajectory": render(OTHER_TRAJECTORY).replace("Plan_2", "Plan_7")},
]


def test_each_reason_is_counted_by_its_name(tmp_path: Path) -> None:
    filled = [{"question": "", "answer": ""} | row for row in (*KEPT, *DROPPED.values())]
    report = prepare(write(tmp_path, filled), tmp_path / "logs")
    assert report["dropped"] == {reason.value: 1 for reason in sorted(DROPPED)}
    assert report["dropped_rows"] == {
        reason.value: [2 + place] for place, reason in enumerate(DROPPED)
    }
    assert (report["read"], report["kept"]) == (13, 2)
    assert report["answers"] == {"equal_to_the_reference": 1, "not_graded": 1}
    assert report["repairs"] == {"renumbered_tags": 1}
    assert report["mean_parallelization_ratio"] is None
    assert report["mean_phases"] == 3


def test_an_answer_that_holds_its_thought_is_a_trajectory(tmp_path: Path) -> None:
    whole = Trajectory(TRAJECTORY.question, (), "2*3+4*5=6+20.\n\nThat is \\boxed{26}.")
    report = prepare(write(tmp_path, [{"trajectory": render(whole), "answer": "26"}]), tmp_path)
    assert (report["kept"], report["mean_phases"], report["repairs"]) == (1, 0, {})


def test_shares_know_the_rows_of_others(tmp_path: Path) -> None:
    """Equal rows are dropped in whichever share they are."""
    rows = [{"trajectory": TEXT, "answer": "26"}] * 3
    data = write(tmp_path, rows)
    prepare_share = [
        *("--data_hub_path", str(data), "--logs_dir", str(tmp_path / "logs")),
        *("--trajectory_column", "trajectory"),
    ]
    for share in ("1/3", "2/3", "3/3"):
        preparation.run(
            from_command_line(preparation.PreparationConfig, [*prepare_share, "--shard", share])
        )
    report = prepare(data, tmp_path / "logs", "--merge")
    assert report["dropped_rows"] == {"repeated_trajectory": [1, 2]}


def test_lengths_count_the_tokens_of_training(tmp_path: Path) -> None:
    data = write(tmp_path, [{"trajectory": TEXT}, {"trajectory": many(8, phases=11)}])
    limit = ["--tokenizer", str(ROOT / "models" / "sample_base"), "--max_length", "600"]
    report = prepare(data, tmp_path / "logs", *limit)
    assert report["dropped_rows"] == {"trajectory_too_long": [1]}


def test_report_card_and_picture_say_where_the_rows_come_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = prepare(write(tmp_path, KEPT), tmp_path / "logs")
    said = capsys.readouterr().out
    assert "1 equal to the reference, 1 not graded" in said
    assert "the parallelization ratio is not applied" in said
    assert report["settings"]["hub_path"] == str(tmp_path / "ready.jsonl")
    assert report["settings"]["trajectory_column"] == "trajectory"
    assert "component_separation_model" not in report["settings"]
    folder = tmp_path / "logs" / "finetuning_data" / "ready_default"
    card = (folder / "README.md").read_text("utf-8")
    assert "Made from the trajectories in `ready.jsonl` (column `trajectory`)" in card
    assert "component" not in card
    assert imread(folder / "curation_report.png").any()


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    data = write(tmp_path, KEPT)
    with pytest.raises(InputError, match="has no column text: found trajectory, answer"):
        prepare(data, tmp_path / "logs", column="text")
    with pytest.raises(InputError, match="has a text in"):
        prepare(write(tmp_path, [{"trajectory": " "}]), tmp_path / "logs")
    with pytest.raises(InputError, match="Name the path inside"):
        prepare(write(tmp_path, [{"trajectory": [TEXT]}]), tmp_path / "logs")
    with pytest.raises(InputError, match="None of 1 rows was kept"):
        prepare(write(tmp_path, [{"trajectory": BARE}]), tmp_path / "logs")


@pytest.mark.parametrize(
    "answer",
    ["The sum is 26, so the answer is 26.", "We get 6+20=26. Therefore, Mary has 26 apples."],
)
def test_an_answer_without_a_box_is_graded_as_inference_grades_it(
    answer: str, tmp_path: Path
) -> None:
    rows = [
        {"trajectory": TEXT.replace("The sum is \\boxed{26}.", answer), "answer": reference}
        for reference in ("26", "27")
    ]
    report = prepare(write(tmp_path, rows), tmp_path / "logs")
    assert (report["kept"], report["dropped"]) == (1, {"final_answer_not_correct": 1})


def test_order_of_the_prompts_stays(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs the components of a thought"):
        prepare(tmp_path, tmp_path, "--prompt_order", "longest_first")


def test_results_of_inference_are_data(tmp_path: Path) -> None:
    """The table that inference wrote: its right answers are kept, with what its files hold."""
    folder = ROOT / "logs_full_trajectory" / "SPRINT" / "test_default"
    table = folder / "agent_orchestration_output.csv"
    report = prepare(table, tmp_path / "logs", column="PlannerTrajectory")
    with table.open(encoding="utf-8", newline="") as file:
        correct = [
            row["ProblemIdx"]
            for row in csv.DictReader(file)
            if row["PredictedFinalAnswer"] == row["TrueFinalAnswer"]
        ]
    found = kept(tmp_path / "logs" / "finetuning_data" / "agent_orchestration_output_default")
    assert [row["id"] for row in found] == correct
    assert (report["read"], report["kept"]) == (5, len(correct))
    for row in found:
        text = (folder / f"planner_trajectory_{row['id']}.txt").read_text("utf-8")
        assert "".join(text.replace("<think>", "").replace("</think>", "").split()) == "".join(
            row["trajectory"].split()
        )


@pytest.mark.skipif(not SHARED.is_dir(), reason="the published logs are not here")
def test_published_trajectories_are_data(tmp_path: Path) -> None:
    """Graded by the answers of MATH-500."""
    problems = [
        json.loads(line) for line in (SHARED / "math500.jsonl").read_text("utf-8").splitlines()
    ]
    answers = {
        row["unique_id"].removesuffix(".json").replace("/", "_"): row["answer"] for row in problems
    }
    logs = sorted((SHARED / "published_logs" / "logs_full_trajectory").glob("*/*/*.txt"))
    names = [path.stem.removeprefix("planner_trajectory_") for path in logs]
    rows = [
        {"id": name, "text": path.read_text("utf-8"), "answer": answers[name]}
        for name, path in zip(names, logs, strict=True)
    ]
    report = prepare(write(tmp_path, rows), tmp_path / "logs", column="text")
    assert report["read"] == 40
    assert report["dropped"].get("malformed_tags") == 1
    assert report["kept"] >= 33
    assert report["answers"]["not_graded"] == 0
