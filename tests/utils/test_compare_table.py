from __future__ import annotations

from sprint.utils.compare_table import MethodResults, ProblemResult, comparison, summarise

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


def test_means_and_differences_to_the_first_method() -> None:
    header, rule, serial, parallel = rows(comparison([SERIAL, PARALLEL]))[:4]
    assert len(header) == len(rule) == len(serial) == len(parallel) == 8
    assert serial == ["RFT", "3", "66.7 %", "200", "200", "4.00", "–", "–"]
    assert parallel == ["SPRINT", "3", "66.7 %", "100", "220", "2.67", "-50.0 %", "1.50x"]


def test_levels_come_in_the_order_of_their_numbers() -> None:
    table = rows(comparison([SERIAL, PARALLEL]))[4:]
    assert [row[:2] for row in table[2:]] == [
        [level, method] for level in ("1", "2", "10") for method in ("RFT", "SPRINT")
    ]
    assert table[-1][-2:] == ["-80.0 %", "3.00x"]


def test_answers_without_verdict_are_wrong_and_said() -> None:
    report = comparison([SERIAL, PARALLEL])
    assert "SPRINT: 1 no answer of 3; they count as wrong." in report
    assert "RFT:" not in report


def test_what_a_folder_does_not_say_is_a_dash() -> None:
    logs = MethodResults("logs", (ProblemResult("a", sequential=7, total=9),))
    report = comparison([logs])
    assert rows(report)[2] == ["logs", "1", "–", "7", "9", "–"]
    assert "level" not in report


def test_partly_missing_values_are_said() -> None:
    mixed = MethodResults("m", (ProblemResult("a", "", "correct", 7, 9), ProblemResult("b")))
    report = comparison([mixed])
    assert "m: 1 of 2 problems have no verdict and are not in that mean." in report
    assert "m: 1 of 2 problems have no trajectory and are not in that mean." in report


def test_different_problems_are_said() -> None:
    part = MethodResults("part", PARALLEL.problems[:2])
    assert "different problems, 2 of them in all" in comparison([SERIAL, part])


def test_level_that_the_first_method_lacks_has_no_differences() -> None:
    part = MethodResults("part", SERIAL.problems[:1])
    assert rows(comparison([part, PARALLEL]))[-1][-2:] == ["–", "–"]


def test_summary_of_nothing_is_empty() -> None:
    assert summarise("m", []).accuracy is None


def test_a_bar_in_a_name_does_not_open_a_column() -> None:
    one = MethodResults("a|b", (ProblemResult("a", sequential=1, total=1),))
    assert r"| a\|b |" in comparison([one])
