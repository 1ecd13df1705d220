"""The structures of a row: what they hold, which is kept, and what the report says of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sprint import finetuning_data_preparation as preparation
from sprint.finetuning_data_preparation.structure_prices import price_counts, price_json
from sprint.finetuning_data_preparation.structures import (
    Structure,
    chosen,
    other_structures,
    serial_trajectory,
    with_end_in_answer,
)
from sprint.utils.config import from_command_line
from sprint.utils.errors import InputError
from sprint.utils.grammar import parse, render
from sprint.utils.latency.priced_path import TimePrices, priced_seconds
from sprint.utils.latency.text_work import text_rounds
from sprint.utils.records import Phase, PlanSegment, Trajectory
from sprint.utils.tokens.tokenizers import token_counter
from support.annotated import GOOD, row, through_two_stages
from support.curating import files_below

ROOT = Path(__file__).resolve().parents[2]
TOKENIZER = str(ROOT / "models" / "sample_base")
PLAN = Phase((PlanSegment("So.", "Do."), PlanSegment("And.", "Do more.")), ("Done.", "Too."))
LAST = Phase((PlanSegment("What is left."),))


def trajectory(*phases: Phase) -> Trajectory:
    return Trajectory("?", phases, "It is 4.")


def test_a_last_plan_without_prompts_begins_the_answer() -> None:
    assert with_end_in_answer(trajectory(PLAN, LAST)) == Trajectory(
        "?", (PLAN,), "What is left.\n\nIt is 4."
    )
    assert with_end_in_answer(trajectory(PLAN)) == trajectory(PLAN)
    assert with_end_in_answer(trajectory()) == trajectory()


def test_structures_that_say_the_same_are_one() -> None:
    serial = serial_trajectory("?", "Thought.", "It is 4.")
    assert [*other_structures(trajectory(PLAN), trajectory(PLAN), serial)] == ["serial"]
    assert [*other_structures(trajectory(PLAN), trajectory(LAST), serial)] == ["serial"]
    other = other_structures(trajectory(PLAN, LAST), trajectory(PLAN, LAST), serial)
    assert [*other] == ["inlined", "serial"]


@pytest.mark.parametrize(
    ("opening", "answer"),
    [("", "Hm.\n\nIt is 4."), ("In one go:", "In one go:\n\nHm.\n\nIt is 4.")],
)
def test_a_serial_answer_holds_the_thought(opening: str, answer: str) -> None:
    made = serial_trajectory(" ? ", "Hm.\n", "It is 4.", opening)
    assert made == Trajectory("?", (), answer)
    assert parse(render(made, think=False)) == made


@pytest.mark.parametrize(
    ("choice", "names"),
    [("curated", ["a"]), ("fastest", ["b"]), ("mixed", ["b", "a", "c"])],
)
def test_the_fastest_come_first(choice: Any, names: list[str]) -> None:
    rows: dict[Structure, str] = {"curated": "a", "inlined": "b", "serial": "c"}
    assert chosen(choice, rows, {"curated": 2, "inlined": 1, "serial": 2}) == names


def test_without_the_curated_one_the_others_are_left() -> None:
    rows: dict[Structure, str] = {"serial": "c"}
    assert chosen("curated", rows, {"serial": 1}) == []
    assert chosen("fastest", rows, {"serial": 1}) == ["c"]


prices_of_rows = st.dictionaries(
    st.sampled_from(["curated", "inlined", "serial"]), st.floats(0.001, 100), min_size=1
)


@given(st.lists(prices_of_rows, min_size=1, max_size=6))
def test_the_fastest_are_never_slower(rows: list[Mapping[Structure, float]]) -> None:
    counts = Counter[str]()
    for one in rows:
        counts += price_counts(one, [min(one, key=one.__getitem__)])
    content = price_json(counts)
    assert content is not None
    assert sum(content[name]["kept"] for name in ("curated", "inlined", "serial")) == len(rows)
    if content["fastest"]["rows"]:
        assert 0 <= content["fastest"]["gain"] <= 1


def test_without_prices_there_is_nothing_to_report() -> None:
    assert price_json(price_counts({}, ["curated"])) is None


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    return write_prices(tmp_path / "prices.json")


def write_prices(path: Path, **other: float) -> Path:
    about = dict.fromkeys(("source", "model", "server", "hardware", "date"), "")
    content = {"prices": {"token": 0.01} | other, "assumed": True} | about
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def prepare(folder: Path, *more: str, rows: list[dict[str, str]] | None = None) -> dict[str, Any]:
    flags = through_two_stages(folder, rows or [row(GOOD)])
    config = from_command_line(
        preparation.PreparationConfig, [*more, "--tokenizer", TOKENIZER, *flags]
    )
    preparation.run(config)
    content = Path(flags[-1], "curation_report.json").read_text(encoding="utf-8")
    return dict(json.loads(content))


def trajectories(folder: Path) -> dict[str, Trajectory]:
    found = (folder / "logs" / "trajectory_data" / "few_default").iterdir()
    return {path.stem: parse(path.read_text(encoding="utf-8")) for path in found}


def test_all_structures_of_a_row_are_rows_if_mixed(tmp_path: Path, prices: Path) -> None:
    report = prepare(tmp_path, "--structure", "mixed", "--prices", str(prices))
    made = trajectories(tmp_path)
    assert {*made} == {f"trajectory_data_0_{name}" for name in ("curated", "inlined", "serial")}
    curated, inlined, serial = (made[name] for name in sorted(made))
    assert [len(phase.prompts) for phase in curated.phases] == [2, 1]
    assert [len(phase.prompts) for phase in inlined.phases] == [2]
    assert inlined.phases[0] == curated.phases[0]
    sums, closing = GOOD.rpartition("\n\n")[2], "Therefore, the sum is $\\boxed{21}$."
    assert inlined.final_answer == (f"Based on execution_1.1, execution_1.2:\n{sums}\n\n{closing}")
    assert serial == Trajectory("The sum?", (), f"{GOOD}\n\n{closing}")
    assert (report["kept"], report["structures"]["serial"]["kept"]) == (1, 1)
    data = datasets.load_from_disk(str(tmp_path / "logs" / "finetuning_data" / "few_default"))
    assert sorted(data["train"]["structure"]) == ["curated", "inlined", "serial"]


def test_the_fastest_structure_is_the_cheapest_by_its_text(tmp_path: Path, prices: Path) -> None:
    report = prepare(tmp_path, "--structure", "fastest", "--prices", str(prices))
    (only,) = trajectories(tmp_path).values()
    count = token_counter(TOKENIZER)
    seconds = priced_seconds(text_rounds(only, count), TimePrices(0.01))
    found = report["structures"]
    assert found["fastest"]["fastest_seconds"] == pytest.approx(seconds, abs=1e-6)
    means = [found[name]["mean_seconds"] for name in ("curated", "inlined", "serial")]
    assert min(means) == pytest.approx(seconds, abs=1e-6)
    assert report["settings"]["prices"]["token"] == 0.01


def test_dear_calls_make_serial_answers(tmp_path: Path) -> None:
    dear = write_prices(tmp_path / "dear.json", call=60)
    prepare(tmp_path, "--structure", "fastest", "--prices", str(dear))
    (only,) = trajectories(tmp_path).values()
    assert only.phases == ()


def test_curated_rows_are_the_same_with_prices(tmp_path: Path, prices: Path) -> None:
    for name in ("with", "without"):
        (tmp_path / name).mkdir()
    report = prepare(tmp_path / "with", "--prices", str(prices))
    plain = prepare(tmp_path / "without")
    assert trajectories(tmp_path / "with") == trajectories(tmp_path / "without")
    assert report["structures"]["curated"]["kept"] == 1
    assert not {"structures", "second_plans"} & {*plain}
    assert not {"structure", "prices"} & {*plain["settings"]}


def test_a_structure_that_keeps_the_limits_saves_the_row(tmp_path: Path, prices: Path) -> None:
    """As curated it has two phases, and none but serial has less than two."""
    report = prepare(
        tmp_path, "--structure", "fastest", "--prices", str(prices), "--max_phases", "1"
    )
    (only,) = trajectories(tmp_path).values()
    assert only.phases == ()
    assert report["structures"]["curated"]["possible"] == 0


def test_rows_of_one_problem_are_all_for_training_or_all_for_testing(
    tmp_path: Path, prices: Path
) -> None:
    rows = [row(GOOD.replace("Okay", f"Okay {n}")) for n in range(4)]
    prepare(
        tmp_path,
        *("--structure", "mixed", "--prices", str(prices), "--test_fraction", "0.5"),
        rows=rows,
    )
    data = datasets.load_from_disk(str(tmp_path / "logs" / "finetuning_data" / "few_default"))
    assert not {*data["train"]["index"]} & {*data["test"]["index"]}
    assert (len(data["train"]), len(data["test"])) == (6, 6)


def test_shares_make_the_same_dataset(tmp_path: Path, prices: Path) -> None:
    rows = [row(GOOD.replace("Okay", f"Okay {n}")) for n in range(3)]
    more = ("--structure", "mixed", "--prices", str(prices), "--second_plans", "0.4")
    whole = prepare(tmp_path, *more, rows=rows)
    folder = tmp_path / "logs" / "finetuning_data" / "few_default"
    wanted = files_below(folder)
    flags = ["--data_hub_path", str(tmp_path / "few.jsonl"), "--logs_dir", str(tmp_path / "logs")]
    for share in (["--shard", "1/2"], ["--shard", "2/2"], ["--merge"]):
        given = [*more, "--tokenizer", TOKENIZER, *share, *flags]
        preparation.run(from_command_line(preparation.PreparationConfig, given))
    merged = json.loads((tmp_path / "logs" / "curation_report.json").read_text(encoding="utf-8"))
    assert files_below(folder) == wanted
    assert merged["structures"] == whole["structures"]
    assert merged["second_plans"] == whole["second_plans"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--structure", "fastest"], "--structure fastest needs --prices"),
        (["--prices", "h100_7b"], "give the model's --tokenizer"),
        (["--serial_opening", "<Plan_1>"], "--serial_opening should be a line without tags"),
        (
            ["--prices", "h100_7b", "--tokenizer", "t", "--trajectory_column", "t"],
            "need the components of a thought",
        ),
        (["--second_plans", "1"], "from 0 to below 1"),
    ],
)
def test_settings_that_do_not_go_together(flags: list[str], message: str) -> None:
    with pytest.raises((InputError, ValueError, SystemExit), match=message):
        preparation.PreparationConfig(
            **{"data_hub_path": "d"}
            | {name[2:]: value for name, value in zip(flags[::2], flags[1::2], strict=True)}
        )
