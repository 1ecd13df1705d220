from __future__ import annotations

from dataclasses import replace

from sprint.analysis.compare import MethodResults, ProblemResult, comparison
from sprint.analysis.compare.method_tables import summarise

SERIAL = MethodResults(
    "RFT",
    (
        ProblemResult("a", "1", "correct", 100, 100, 2.0),
        ProblemResult("b", "10", "incorrect", 300, 300, 6.0),
        ProblemResult("c", "2", "correct", 200, 200, 4.0),
    ),
)
PARALLEL = MethodResults(
    "SPRINT",
    (
        ProblemResult("a", "1", "correct", 110, 130, 3.0),
        ProblemResult("b", "10", "correct", 60, 320, 2.0),
        ProblemResult("c", "2", "no_answer", 130, 210, 3.0),
    ),
)


def rows(report: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in report.splitlines()
        if line.startswith("|")
    ]


def tables(report: str) -> dict[str, list[list[str]]]:
    """The rows of each table by the first words of its header."""
    found: dict[str, list[list[str]]] = {}
    for part in report.split("\n\n"):
        if part.startswith("|"):
            header, _, *body = rows(part)
            found[", ".join(header[:2])] = body
    return found


def test_means_over_all_problems() -> None:
    assert tables(comparison([SERIAL, PARALLEL]))["method, problems"] == [
        ["RFT", "3", "66.7 %", "200", "200", "4.00"],
        ["SPRINT", "3", "66.7 %", "100", "220", "2.67"],
    ]


def priced(method: MethodResults, seconds: float) -> MethodResults:
    return replace(method, problems=tuple(replace(p, priced=seconds) for p in method.problems))


def test_priced_paths_have_columns_where_there_are_prices() -> None:
    found = tables(comparison([priced(SERIAL, 8), priced(PARALLEL, 6)]))
    assert [row[-1] for row in found["method, problems"]] == ["8.00", "6.00"]
    assert found["method against RFT, common problems"][0][-1].startswith("-25.0 %")
    level = found["level, method"][1]
    assert level[:2] == ["1", "SPRINT"]
    assert level[6] == "6.00"
    assert level[-1] == "-25.0 %"


def test_each_answer_has_a_status() -> None:
    assert tables(comparison([SERIAL, PARALLEL]))["method, correct"] == [
        ["RFT", "2", "1", "0", "0", "0", "0", "0"],
        ["SPRINT", "2", "0", "1", "0", "0", "0", "0"],
    ]


def test_differences_are_on_common_problems() -> None:
    """Without problem c, SPRINT is right twice and RFT once."""
    part = replace(PARALLEL, problems=PARALLEL.problems[:2])
    ((name, common, accuracy, sequential, _, speed),) = tables(comparison([SERIAL, part]))[
        "method against RFT, common problems"
    ]
    assert (name, common) == ("SPRINT", "2")
    assert accuracy == "+50.0 [+0.0, +100.0]"
    assert sequential == "-57.5 % [-80.0, +10.0]"
    assert speed == "1.60x [0.67x, 3.00x]"


def test_levels_come_in_the_order_of_their_numbers() -> None:
    table = tables(comparison([SERIAL, PARALLEL]))["level, method"]
    assert [row[:2] for row in table] == [
        [level, method] for level in ("1", "2", "10") for method in ("RFT", "SPRINT")
    ]
    assert table[-1][-2:] == ["-80.0 %", "3.00x"]
    assert table[-2][-2:] == ["–", "–"]


def test_by_subject_or_not_at_all() -> None:
    method = MethodResults("m", (ProblemResult("a", "1", "correct", 1, 1, subject="Algebra"),))
    assert tables(comparison([method], "subject"))["subject, method"][0][0] == "Algebra"
    assert "level" not in comparison([method], "none")


def of_levels(name: str, *levels: str) -> MethodResults:
    problems = (
        ProblemResult(str(n), level, "correct", 10 * (n + 1)) for n, level in enumerate(levels)
    )
    return MethodResults(name, tuple(problems))


def test_problems_without_a_level_have_a_row_at_the_end() -> None:
    table = tables(comparison([of_levels("m", "10", "", "2")]))["level, method"]
    assert [row[:3] for row in table] == [["2", "m", "1"], ["10", "m", "1"], ["none", "m", "1"]]


def test_the_level_is_that_of_any_folder_that_has_one() -> None:
    first, other = of_levels("RFT", "", "", ""), of_levels("SPRINT", "1", "2", "")
    table = tables(comparison([first, other]))["level, method"]
    assert [[*row[:3], row[6]] for row in table] == [
        [level, *cells]
        for level in ("1", "2", "none")
        for cells in (["RFT", "1", "–"], ["SPRINT", "1", "+0.0 %"])
    ]


def test_a_level_may_be_written_with_its_word() -> None:
    methods = [of_levels("RFT", "Level 1", "level  2"), of_levels("SPRINT", "1", "2")]
    table = tables(comparison(methods))["level, method"]
    assert [row[:2] for row in table] == [
        [level, name] for level in ("1", "2") for name in ("RFT", "SPRINT")
    ]


def test_the_number_of_a_level_may_be_of_any_length() -> None:
    table = tables(comparison([of_levels("m", "9" * 5000, "1")]))["level, method"]
    assert [len(row[0]) for row in table] == [1, 5000]


def test_a_run_that_lacks_problems_is_said_to_be_unfinished() -> None:
    text = "m: only 2 of the 3 problems of the run are here; the run is not finished."
    method = of_levels("m", "1", "2")
    assert text in comparison([replace(method, expected=3)])
    # A later run into the same folder may have had a wider range.
    assert "unfinished" not in comparison([method, replace(method, expected=1)])


def test_rows_of_one_problem_are_counted() -> None:
    report = comparison([replace(of_levels("m", "1"), repeated=2)])
    assert "m: 2 rows have the ProblemIdx of a later row and are left out." in report


def test_several_datasets_make_one_table_and_a_section_each() -> None:
    other = replace(PARALLEL, dataset="other")
    report = comparison([SERIAL, PARALLEL, other])
    assert rows(report)[0] == [
        "method",
        " accuracy".strip(),
        "sequential tokens",
        "other accuracy",
        "other sequential tokens",
    ]
    assert rows(report)[2:4] == [
        ["RFT", "66.7 %", "200", "–", "–"],
        ["SPRINT", "66.7 %", "100", "66.7 %", "100"],
    ]
    assert "## other" in report


def test_answers_without_verdict_are_wrong_and_said() -> None:
    report = comparison([SERIAL, PARALLEL])
    assert "SPRINT: 1 of 3 answers have no verdict (see their status); they count as wrong." in (
        report
    )
    assert "RFT:" not in report


def test_verdicts_of_a_model_are_counted() -> None:
    judged = MethodResults("m", (ProblemResult("a", status="correct", judged=True),))
    assert tables(comparison([judged]))["method, correct"][0][-1] == "1"


def test_what_a_folder_does_not_say_is_a_dash() -> None:
    logs = MethodResults("logs", (ProblemResult("a", sequential=7, total=9),))
    report = comparison([logs])
    assert rows(report)[2] == ["logs", "1", "–", "7", "9", "–"]
    assert "level" not in report


def test_partly_missing_values_are_said() -> None:
    mixed = MethodResults("m", (ProblemResult("a", "", "correct", 7, 9), ProblemResult("b")))
    report = comparison([mixed])
    assert "m: 1 of 2 problems have no reference answer and are not in that mean." in report
    assert "m: 1 of 2 problems have no trajectory and are not in that mean." in report


def test_different_problems_are_said() -> None:
    part = MethodResults("part", PARALLEL.problems[:2])
    assert "The folders contain different problems" in comparison([SERIAL, part])
    assert "(2 with part)" in comparison([SERIAL, part])


def test_summary_of_nothing_is_empty() -> None:
    assert summarise("m", []).accuracy is None


def test_a_bar_in_a_name_does_not_open_a_column() -> None:
    one = MethodResults("a|b", (ProblemResult("a", sequential=1, total=1),))
    assert r"| a\|b |" in comparison([one])
