"""Answers that pandas has read as something else, and verdicts on every table that is written."""

from __future__ import annotations

import io
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sprint.analysis.altered_tables import READ_AS_MISSING, AlteredAnswersWarning, answers_as_text
from sprint.analysis.compare import read_methods
from sprint.utils.evaluate_utils import get_eval_metrics, read_results
from sprint.utils.grammar import render
from sprint.utils.records import Trajectory
from sprint.utils.results.writing import SERIAL_LAYOUT, SPRINT_LAYOUT, FolderLayout, ResultFolder
from support.results import result_of

PUBLISHED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "published_logs"
HEADER = "TrueFinalAnswer,PredictedFinalAnswer,Solution,ModelResponse\n"


def as_pandas_reads(*rows: tuple[str, str], texts: bool = True) -> pd.DataFrame:
    """Rows of (reference, answer); `texts`: both stand in boxes beside them."""
    lines = [
        f"{gold},{answer},\\boxed{{{gold}}},\\boxed{{{answer}}}" if texts else f"{gold},{answer},,"
        for gold, answer in rows
    ]
    return pd.read_csv(io.StringIO(HEADER + "\n".join(lines)))


ALTERED = [
    *sorted(READ_AS_MISSING - {"#N/A N/A"}),
    "007",
    "0.10",
    "1e5",
    "TRUE",
    "12345678901234567",
    "0.1234567890123456789",
    "-0",
]


@pytest.mark.parametrize("text", ALTERED)
def test_an_altered_answer_is_restored_from_the_text_beside_it(text: str) -> None:
    # The gap makes floats of whole numbers.
    table = as_pandas_reads((text, text), ("", ""))
    with pytest.warns(AlteredAnswersWarning) as said:
        answers = answers_as_text(table)
    assert (answers.true[0], answers.predicted[0]) == (text, text)
    about = [str(one.message) for one in said]
    assert any("TrueFinalAnswer" in one for one in about)
    assert any("1 of 2 rows of PredictedFinalAnswer" in one for one in about)
    assert all("read_results" in one for one in about)


def test_a_reference_that_was_rounded_accepts_no_neighbour() -> None:
    """Both whole numbers are the same float; which one the file had cannot be known."""
    gold, neighbour = "12345678901234567", "12345678901234568"
    table = as_pandas_reads((gold, neighbour), ("0.5", "0.5"), texts=False)
    with pytest.warns(AlteredAnswersWarning):
        metrics = get_eval_metrics(table)
    assert list(metrics.graded_df["Status"]) == ["gold_unparseable", "correct"]


@pytest.mark.parametrize("text", ["None", "12345678901234567", "0.10", "TRUE"])
def test_without_the_text_it_is_said_that_the_answer_is_lost(text: str) -> None:
    table = as_pandas_reads((text, "x"), ("", "x"), texts=False)
    with pytest.warns(AlteredAnswersWarning, match=r"of TrueFinalAnswer .* could not"):
        answers_as_text(table)


def test_a_text_that_pandas_would_read_otherwise_is_not_believed() -> None:
    table = pd.DataFrame(
        {"TrueFinalAnswer": ["4"], "PredictedFinalAnswer": [5], "ModelResponse": [r"\boxed{6}"]}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answers_as_text(table).predicted == ["5"]


@pytest.mark.parametrize(
    "rows",
    [
        [("4", "4"), ("5", "6")],
        [("4", ""), ("5", "6")],
        [("x", "None at all"), ("y", "7")],
        [("\\text{A}", "A"), ("B", "b")],
    ],
)
def test_nothing_is_said_where_nothing_was_lost(rows: list[tuple[str, str]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        answers = answers_as_text(as_pandas_reads(*rows))
    assert answers.predicted == [answer or None for _, answer in rows]


def test_dates_are_restored() -> None:
    table = as_pandas_reads(("2024-01-05", "2024-01-05"))
    table["PredictedFinalAnswer"] = pd.to_datetime(table["PredictedFinalAnswer"])
    with pytest.warns(AlteredAnswersWarning, match="Predicted"):
        assert answers_as_text(table).predicted == ["2024-01-05"]


@pytest.mark.parametrize("layout", [SPRINT_LAYOUT, SERIAL_LAYOUT])
def test_the_reader_of_folders_alters_nothing(tmp_path: Path, layout: FolderLayout) -> None:
    write(tmp_path, layout, [("None", "007"), ("0.10", ""), ("TRUE", "1" * 30)])
    table = read_results(tmp_path)
    assert list(table["TrueFinalAnswer"]) == ["None", "0.10", "TRUE"]
    assert list(table["PredictedFinalAnswer"]) == ["007", "", "1" * 30]


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    "folder", ["logs_full_trajectory/SPRINT", "logs_base_model/base_model_output_RFT"]
)
def test_the_published_logs_are_read(folder: str) -> None:
    path, test_set = PUBLISHED / folder / "MATH-500_default", PUBLISHED.parent / "math500.jsonl"
    assert set(read_results(path)["TrueFinalAnswer"]) == {""}
    metrics = get_eval_metrics(read_results(path, str(test_set)))
    assert (len(metrics.graded_df), metrics.accuracy >= 0.9) == (40, True)


def write(folder: Path, layout: FolderLayout, rows: list[tuple[str, str]]) -> None:
    """A result folder as the methods write it: answers stand in what the model wrote."""
    results = ResultFolder(folder, layout, {"method": "M"})
    for index, (gold, answer) in enumerate(rows):
        base = result_of(index)
        problem = replace(base.problem, answer=gold, solution=f"So \\boxed{{{gold}}}.")
        text = f"\\boxed{{{answer}}}\n</think>"
        if layout is SPRINT_LAYOUT:
            text = render(Trajectory("?", (), f"It is \\boxed{{{answer}}}."))
        results.add(replace(base, problem=problem, answer=answer, text=text, response=text))
    results.write_tables()


HOSTILE = st.sampled_from(
    ["", " ", "None", "null", "NA", "nan", "n/a", "\\text{None}", "007", "7", "7.0", "0.10", "0.1",
     "TRUE", "True", "inf", "1e400", "-0", "12345678901234567", "12345678901234568", "2024-01-05",
     "1,000", "a\rb", 'say "x"', "'7", "=1+1", "1_000", "0x10", "#N/A", "A", "(B)", "½", "\ufeff7"]
)  # fmt: skip
ANSWERS = HOSTILE | st.text("0123456789.-+eE ", max_size=22)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(ANSWERS, ANSWERS), min_size=1, max_size=6),
    layout=st.sampled_from([SPRINT_LAYOUT, SERIAL_LAYOUT]),
)
def test_notebook_and_command_agree_on_every_table(
    rows: list[tuple[str, str]], layout: FolderLayout
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, layout, rows)
        read = list(get_eval_metrics(read_results(folder)).graded_df["Status"])
        (method,) = read_methods([folder], tokenizer=Words())
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            snippet = get_eval_metrics(pd.read_csv(folder / layout.csv_name)).graded_df["Status"]
    assert [problem.status for problem in method.problems] == read
    warned = any(one.category is AlteredAnswersWarning for one in said)
    assert warned or list(snippet) == read


class Words:
    def encode(self, text: str, add_special_tokens: bool = True) -> list[str]:
        return text.split()
