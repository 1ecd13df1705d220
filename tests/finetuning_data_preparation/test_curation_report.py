"""The report: counted, merged, written, told and drawn."""

from __future__ import annotations

import dataclasses
import json
from io import BytesIO
from pathlib import Path

import pytest
from huggingface_hub import DatasetCard
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread
from sprint.finetuning_data_preparation.config import (
    CurationSettings,
    PreparationConfig,
    PromptOrder,
)
from sprint.finetuning_data_preparation.curation import Curated
from sprint.finetuning_data_preparation.curation_report import FinalReport, Report
from sprint.finetuning_data_preparation.dataset_card import dataset_card
from sprint.finetuning_data_preparation.filters import Reason
from sprint.finetuning_data_preparation.order_gain import OrderGain, OrderTokens
from sprint.finetuning_data_preparation.outputs import stored_cost
from sprint.finetuning_data_preparation.report_picture import draw_report
from sprint.finetuning_data_preparation.report_text import summary
from sprint.finetuning_data_preparation.row_statistics import (
    Distribution,
    RowStatistics,
    count_lines,
    shape_of,
)
from sprint.finetuning_data_preparation.rows import RowResult
from sprint.utils.annotation.responses import Response, ResponseStore
from sprint.utils.config import replace
from sprint.utils.records import Component, Problem, Thought

SETTINGS = CurationSettings(
    PreparationConfig(data_hub_path="org/thoughts", component_separation_model="gpt-4o"), "a", "b"
)
THOUGHT = Thought(Problem("p", 0, "1+1?", "2"), "It is 2.")


def kept(index: int, shape: RowStatistics, sequential: int, total: int) -> RowResult:
    # In both settings: what is saved is that of the order in which the row was written.
    gain = OrderGain(OrderTokens(100, 90), OrderTokens(50, 40), 3)
    row = Curated(THOUGHT, "…", "2", sequential, total, gain)
    lines = {"total": 10, "named": 9, "plan": 10}
    return RowResult(index, row, None, shape, index != 1, lines, {"gap": 1})


RESULTS = st.builds(
    lambda index, shape, reason, sequential, more: (
        RowResult(index, reason=reason, shape=shape)
        if reason
        else kept(index, shape, sequential, sequential + more)
    ),
    st.integers(0, 99),
    st.builds(RowStatistics, *(st.integers(1, 30) for _ in range(4))),
    st.none() | st.sampled_from(Reason),
    st.integers(1, 5000),
    st.integers(0, 5000),
)


def report_of(results: list[RowResult]) -> Report:
    report = Report()
    for result in results:
        report.add(result)
    return report


@given(st.lists(RESULTS, max_size=12), st.integers(0, 12))
def test_merged_reports_are_the_report_of_all(results: list[RowResult], cut: int) -> None:
    total = Report()
    for part in (results[:cut], results[cut:]):
        total.merge(Report.from_json(json.loads(json.dumps(report_of(part).as_json()))))
    assert total.as_json() == report_of(results).as_json()


SOFTWARE = {"version": "1.2", "commit": "a" * 40, "changed": False}
OTHER_SOFTWARE = SOFTWARE | {"commit": "b" * 40}


def test_shares_curated_with_two_versions_name_both() -> None:
    total = Report()
    for software in (SOFTWARE, OTHER_SOFTWARE, SOFTWARE):
        total.merge(Report.from_json(Report(software=[software]).as_json()))
    assert FinalReport(total, SETTINGS, 0, "words").as_json()["software"] == [
        SOFTWARE,
        OTHER_SOFTWARE,
    ]


def test_a_share_of_an_earlier_version_is_of_unknown_software() -> None:
    content = Report().as_json()
    del content["software"]
    assert Report.from_json(content).software == [None]


def test_the_card_names_the_software() -> None:
    report = FinalReport(Report(software=[None, SOFTWARE]), SETTINGS, 0, "words")
    assert f"- `software`: SPRINT 1.2, commit {'a' * 12}\n" in dataset_card("d", report)


def final() -> FinalReport:
    results = [
        kept(0, RowStatistics(components=6, depth=3, width=4, phases=2), 60, 100),
        kept(1, RowStatistics(components=4, depth=2, width=3, phases=2), 40, 100),
        RowResult(2, reason=Reason.SERIAL, shape=RowStatistics(3, 3, 1, 3)),
        RowResult(3, reason=Reason.NO_DAG),
    ]
    return FinalReport(report_of(results), SETTINGS, test=1, unit="words", cost=1.25)


def test_what_the_file_says() -> None:
    content = final().as_json()
    assert (content["read"], content["kept"], content["train"], content["test"]) == (4, 2, 1, 1)
    assert content["dropped"] == {"no_dag": 1, "parallelization_ratio_too_low": 1}
    assert content["tokens"] == {"unit": "words", "sequential": 100, "total": 200, "saved": 0.5}
    assert content["lines"]["coverage"] == 0.9
    assert content["repairs"] == {"gap": 2}
    assert content["mean_parallelization_ratio"] == 2.5
    assert content["distributions"]["ratio"]["kept"]["counts"] == {"2": 1, "3": 1}
    assert content["distributions"]["components"]["packed"]["counts"] == {"3": 1, "4": 1, "6": 1}
    assert content["cost"] == 1.25
    assert content["answers"] == {"stated_by_the_thought": 1, "graded_by_the_solution_alone": 1}


def test_what_the_summary_says() -> None:
    text = summary(final())
    assert text.startswith("Fine-tuning data: 2 of 4 rows kept.")
    for said in (
        "1 dropped: parallelization ratio too low",
        "Repaired: gap 2.",
        "90.00 % of them put into a component by the annotator",
        "Parallelization ratio: mean 2.50",
        "Saved if executed in parallel: 50.0 % of words (100 of 200",
        "$1.25",
        "1 of the rows kept do not state theirs",
    ):
        assert said in text


def test_what_the_longest_work_first_gains() -> None:
    assert final().as_json()["prompt_order"] == {
        "original": 200,
        "longest_first": 180,
        "gain": 0.1,
        "phases_with_several_prompts": {
            "phases": 6,
            "original": 100,
            "longest_first": 80,
            "gain": 0.2,
        },
    }


@pytest.mark.parametrize(
    ("order", "said"), [("original", "Would be saved"), ("longest_first", "Saved")]
)
def test_the_gain_is_told_as_had_or_missed(order: PromptOrder, said: str) -> None:
    config = replace(SETTINGS.config, prompt_order=order)
    told = dataclasses.replace(final(), settings=dataclasses.replace(SETTINGS, config=config))
    assert (
        f"{said} by the longest work first: 10.0 % of the words one after another "
        "(180 instead of 200); 20.0 % in the 6 phases with several prompts."
    ) in summary(told).splitlines()
    assert f"| {said.lower()} by the longest work first | 10.0 % |" in dataset_card("d", told)


def test_without_rows_no_order_is_told() -> None:
    empty = FinalReport(Report(), SETTINGS, 0, "words")
    assert "longest work" not in summary(empty)
    assert empty.as_json()["prompt_order"]["gain"] is None


def test_the_card_is_read_by_the_hub() -> None:
    card = DatasetCard(dataset_card("thoughts_default", final()))
    assert card.data.pretty_name == "thoughts_default"
    assert card.data.size_categories == ["n<1K"]
    assert "`org/thoughts` with `gpt-4o`" in card.text
    assert "| saved if executed in parallel | 50.0 % |" in card.text
    assert "| graded by the solution alone | 1 |" in card.text
    assert "curation_report.png" in card.text


def test_the_card_does_not_tell_where_a_local_file_lies(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.touch()
    config = PreparationConfig(
        data_hub_path=str(path),
        tokenizer=str(tmp_path),
        component_separation_model=str(tmp_path),
        dag_creation_model=str(tmp_path),
    )
    local = CurationSettings(config, "a", "b")
    report = FinalReport(Report(), local, 0, f"tokens of {tmp_path}")
    assert str(tmp_path) not in dataset_card("mine_default", report)


@pytest.mark.parametrize("drawn", [final(), FinalReport(Report(), SETTINGS, 0, "words")])
def test_a_picture_is_drawn_with_and_without_rows(drawn: FinalReport) -> None:
    assert imread(BytesIO(draw_report(drawn)), format="png").ndim == 3


def test_shape_of_a_dag() -> None:
    parents: dict[int, list[int]] = {1: [], 2: [1], 3: [1], 4: [1], 5: [3]}
    shape = shape_of(parents, {1: 1, 2: 2, 3: 2, 4: 2, 5: 3})
    assert shape == RowStatistics(components=5, depth=3, width=3, phases=3)


def test_lines_are_counted_by_part() -> None:
    components = [
        Component(1, "", (1, 2), "Do.", (3, 4, 5), (6,)),
        Component(2, "", (7,), "", (), ()),
    ]
    assert count_lines(components, {"gap": 2}) == {
        "total": 7,
        "named": 5,
        "plan": 3,
        "execution": 3,
        "comment": 1,
    }


@given(st.lists(st.floats(0, 40), min_size=1))
def test_median_and_mean_lie_between_the_extremes(values: list[float]) -> None:
    distribution = Distribution()
    for value in values:
        distribution.add(value)
    low, high = round(min(values), 3), round(max(values), 3)
    assert low <= distribution.median <= high
    assert low - 1e-9 <= distribution.mean <= high + 1e-9


def test_cost_is_summed_over_the_responses_of_the_models_of_this_run(tmp_path: Path) -> None:
    models = {"component_separation": "org/model", "dag_creation": "gpt-4o"}
    assert stored_cost(tmp_path, models, "few_default") is None
    for stage, model, costs in (
        ("component_separation", "org/model", [0.1, None]),
        ("dag_creation", "gpt-4o", [0.2]),
        ("component_separation", "gpt-4o", [12.5]),
    ):
        store = ResponseStore.of_stage(tmp_path, stage, model)
        for number, cost in enumerate(costs):
            store.put(f"{number:064}", Response("text", "stop", 10, 0, 5, cost), {})
    store = ResponseStore.of_stage(tmp_path, "dag_creation", "gpt-4o")
    store.put("2" * 64, Response("text", "stop", 10, 0, 5, 7.0, dataset="other_default"), {})
    store.put("3" * 64, Response("text", "stop", 10, 0, 5, 0.5, dataset="few_default"), {})
    store.path("1" * 64).parent.mkdir()
    store.path("1" * 64).write_text('{"response": {"cost": 0.')
    assert stored_cost(tmp_path, models, "few_default") == 0.8
    assert stored_cost(tmp_path, dict.fromkeys(models, "rules"), "few_default") is None
