from __future__ import annotations

import pandas as pd
import pytest
from sprint.utils.errors import InputError
from sprint.utils.evaluate_utils import AlteredAnswersWarning, get_eval_metrics, use_math_verify


def table(*rows: tuple[object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["TrueFinalAnswer", "PredictedFinalAnswer"])


def test_each_row_gets_a_status_and_only_correct_ones_count() -> None:
    metrics = get_eval_metrics(
        table(
            (r"\frac{1}{2}", r"Therefore it is $\boxed{0.5}$."),
            ("3", "3"),
            ("4", r"perhaps \boxed{4}, but rather \boxed{5}"),
            ("5", None),
            ("6", float("nan")),
            ("7", r"so \boxed{7"),
            ("8", r"\frac{8"),
            ("", "9"),
        )
    )
    assert metrics.graded_df["Status"].tolist() == [
        "correct",
        "correct",
        "incorrect",
        "no_answer",
        "no_answer",
        "no_answer",
        "unparseable",
        "gold_unparseable",
    ]
    assert metrics.graded_df["Correct"].tolist() == [True, True] + [False] * 6
    assert (metrics.accuracy, metrics.attempted, metrics.incomplete) == (0.25, 3, 3)


def test_the_given_table_stays_as_it_was() -> None:
    df = table(("1", "1"))
    get_eval_metrics(df)
    assert list(df.columns) == ["TrueFinalAnswer", "PredictedFinalAnswer"]


def test_numbers_that_pandas_made_of_answers_are_read_as_answers() -> None:
    with pytest.warns(AlteredAnswersWarning, match="2 of 3 rows of PredictedFinalAnswer"):
        assert get_eval_metrics(table((12, 12.0), (7, 7), (1, None))).accuracy == 2 / 3


def test_accuracy_comes_first() -> None:
    assert get_eval_metrics(table(("1", "1"), ("2", "1")))[0] == 0.5


def test_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="but PredictedFinalAnswer is missing; there are: Answer,"):
        get_eval_metrics(pd.DataFrame({"Answer": ["1"], "TrueFinalAnswer": ["1"]}))


def test_table_without_rows_is_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        get_eval_metrics(table())


@pytest.mark.parametrize(
    ("gold", "answer", "equal"),
    [("4210_{5}", "4210_5", True), ("2", "-2", False), ("5", None, False)],
)
def test_use_math_verify(gold: str, answer: str | None, equal: bool) -> None:
    assert use_math_verify(gold, answer) is equal
