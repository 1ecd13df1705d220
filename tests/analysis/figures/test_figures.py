from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sprint.analysis.compare import MethodResults, ProblemResult
from sprint.analysis.compare.bootstrap import Interval
from sprint.analysis.figures import draw_figures, to_bytes
from sprint.analysis.figures.accuracy import Point, draw_accuracy, pareto_front, points_of
from sprint.analysis.figures.phases import draw_phases, phases_of
from sprint.analysis.figures.reduction import bins_of, draw_reduction
from sprint.analysis.figures.style import mark
from support.commands import run_command
from support.fake_server import MODEL, FakeServer, Reply
from support.result_folders import serial_result, write_results

ROOT = Path(__file__).resolve().parents[3]
BASE = str(ROOT / "models" / "sample_base")
SPRINT_LOGS = ROOT / "logs_full_trajectory" / "SPRINT" / "test_default"
RFT_LOGS = ROOT / "logs_base_model" / "base_model_output_RFT" / "test_default"


def problem(number: int, tokens: int, widths: tuple[int, ...] = ()) -> ProblemResult:
    return ProblemResult(str(number), "", "correct", tokens, tokens, 1.0, widths=widths)


SERIAL = MethodResults("RFT", tuple(problem(n, 100 * (n + 1)) for n in range(12)), serial=True)
SPRINT = MethodResults("SPRINT", tuple(problem(n, 50 * (n + 1), (2, 1)) for n in range(12)))


def point(tokens: float, accuracy: float) -> Point:
    return Point("", Interval(tokens, 0, 0, 1), Interval(accuracy, 0, 0, 1))


def test_the_front_is_what_no_other_beats() -> None:
    cheap, worse, dear, dearer = point(1, 0.5), point(2, 0.4), point(3, 0.9), point(4, 0.9)
    assert pareto_front([dearer, worse, dear, cheap]) == [cheap, dear]


def test_bins_hold_all_common_problems_in_order_of_length() -> None:
    bins = bins_of(SERIAL, SPRINT)
    assert [(one.first, one.last, one.ratio.pairs) for one in bins] == [
        (100, 600, 6),
        (700, 1200, 6),
    ]
    assert {one.ratio.value for one in bins} == {0.5}


def of_lengths(name: str, *tokens: int) -> MethodResults:
    return MethodResults(name, tuple(problem(n, length) for n, length in enumerate(tokens)))


def test_problems_of_one_length_share_a_bin() -> None:
    """Bins that were chosen by the other method's tokens would show savings that are chance."""
    even = of_lengths("RFT", *[100] * 20)
    (only,) = bins_of(even, of_lengths("m", *range(10, 210, 10)))
    assert (only.first, only.last, only.ratio.pairs) == (100, 100, 20)
    assert only.ratio.value == pytest.approx(1.05)


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([1] * 7 + [2] * 6, [7, 6]),
        ([1] * 4 + [2] * 9, [13]),
        ([1] * 9 + [2] * 4, [13]),
        ([1, 2, 3, 4] + [5] * 7 + [6, 7, 8, 9, 10], [11, 5]),
        ([1] * 6 + [2] * 12 + [3] * 2 + [4] * 5, [6, 12, 7]),
    ],
)
def test_bins_end_where_the_length_changes(lengths: list[int], sizes: list[int]) -> None:
    bins = bins_of(of_lengths("RFT", *lengths), of_lengths("m", *reversed(lengths)))
    assert [one.ratio.pairs for one in bins] == sizes


def test_a_problem_without_tokens_is_in_no_bin() -> None:
    lacking = MethodResults("m", (problem(0, 50), ProblemResult("1")))
    ((first, last, ratio),) = bins_of(SERIAL, lacking)
    assert (first, last, ratio.pairs) == (100, 100, 1)


def test_phases_count_the_problems_that_have_them() -> None:
    method = MethodResults("m", (problem(0, 1, (2, 3)), problem(1, 1, (4,)), problem(2, 1)))
    assert [(one.number, one.problems, one.prompts.value) for one in phases_of(method)] == [
        (1, 2, 3),
        (2, 1, 3),
    ]


def test_what_cannot_be_drawn_is_none() -> None:
    empty = MethodResults("m", ())
    assert draw_accuracy([empty]) is None
    assert draw_reduction(empty, [SPRINT]) is None
    assert draw_phases([SERIAL, empty]) is None


def test_points_are_on_the_problems_that_all_have() -> None:
    wrong = ProblemResult("3", status="incorrect", sequential=900)
    unanswered = ProblemResult("1", status="no_answer")
    whole = MethodResults("whole", (problem(0, 100), problem(1, 300), problem(2, 500), wrong))
    part = MethodResults("part", (problem(0, 50), unanswered, wrong))
    ungraded = MethodResults("ungraded", (ProblemResult("0", sequential=1),))
    found = [
        (one.name, one.number, one.tokens.value, one.tokens.pairs, one.accuracy.pairs)
        for one in points_of([whole, ungraded, part])
    ]
    assert found == [("whole", 0, 500, 2, 3), ("part", 2, 475, 2, 3)]
    figure = draw_accuracy([whole, ungraded, part])
    assert figure is not None
    legend = figure.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()][-2:] == [
        "whole (n = 3, tokens of 2)",
        "part (n = 3, tokens of 2)",
    ]
    assert legend.get_title().get_text() == "on the problems that all of them have"


def test_points_on_the_same_problems_need_no_remark() -> None:
    figure = draw_accuracy([SERIAL, SPRINT])
    assert figure is not None
    assert figure.axes[0].get_legend().get_title().get_text() == ""


def test_what_a_figure_leaves_out_is_named_with_the_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    untold = MethodResults("untold", (ProblemResult("0", sequential=5),))
    bare = MethodResults("bare", (ProblemResult("99", status="correct"),))
    figures = draw_figures([SERIAL, untold, bare, SPRINT])
    assert set(figures) == {"accuracy_tokens", "token_reduction", "phases"}
    assert caplog.messages == [
        "accuracy_tokens leaves out untold: there are no answers to grade (give the test set by "
        "--test_hub_path).",
        "accuracy_tokens leaves out bare: there are no trajectories to count.",
        "token_reduction leaves out bare: no problem has tokens both there and in RFT.",
        "phases leaves out RFT: its responses are serial and have no phases.",
        "phases leaves out untold: its trajectories have no phases.",
        "phases leaves out bare: its trajectories have no phases.",
    ]


def test_a_figure_that_cannot_be_drawn_leaves_out_all(caplog: pytest.LogCaptureFixture) -> None:
    far = MethodResults("far", (problem(99, 5, (1,)),))
    assert set(draw_figures([SERIAL, far])) == {"phases"}
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "accuracy_tokens leaves out RFT",
        "accuracy_tokens leaves out far",
        "token_reduction leaves out far",
        "phases leaves out RFT",
    ]


def test_a_method_has_one_mark_in_all_figures() -> None:
    far = MethodResults("far", (ProblemResult("99", sequential=5),))
    methods = [SERIAL, far, SPRINT]
    reduction, accuracy = draw_reduction(SERIAL, methods[1:]), draw_accuracy(methods)
    assert reduction is not None
    assert accuracy is not None
    shown = [line.get_marker() for line in reduction.axes[0].lines if line.get_label() == "SPRINT"]
    assert shown == [mark(2).marker]
    assert mark(2).marker in [line.get_marker() for line in accuracy.axes[0].lines]


def test_twelve_methods_are_told_apart_without_colour() -> None:
    marks = [mark(number) for number in range(12)]
    for shapes in ([m.marker for m in marks], [m.dashes for m in marks], [m.hatch for m in marks]):
        assert len(set(shapes)) == 12
    assert len({mark(number) for number in range(84)}) == 84


def test_many_names_stand_below_the_axes() -> None:
    def legends(number: int) -> tuple[int, bool]:
        methods = [replace(SPRINT, method=f"m{one}") for one in range(number)]
        figure = draw_phases(methods)
        assert figure is not None
        return len(figure.legends), figure.axes[0].get_legend() is not None

    assert (legends(4), legends(12)) == ((0, True), (1, False))


def test_figures_show_the_verdicts_of_the_judge(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = lambda request: Reply.of("same")
    folder = write_results(
        tmp_path / "test", [serial_result(answer=r"\frac{2}{")], serial=True, tokenizer=BASE
    )
    flags = [str(folder), "--output", "drawn", "--format", "svg"]
    flags += ["--judge_model", MODEL, "--judge_server_url", fake_server.url]
    done = run_command("sprint.analysis.figures", flags, tmp_path)
    assert done.code == 0, done.err
    assert len(fake_server.requests) == 1
    assert (tmp_path / "drawn" / "accuracy_tokens.svg").is_file()


def test_hostile_names_are_text() -> None:
    """A dollar opens no mathematics: half of a formula would end the drawing."""
    methods = [
        MethodResults(name, SPRINT.problems) for name in (r"$\frac{", "_a", "x" * 200, "$_$")
    ]
    assert all(to_bytes(figure, "png") for figure in draw_figures(methods).values())


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_the_same_results_give_the_same_file(kind: str) -> None:
    files = [
        {name: to_bytes(figure, kind) for name, figure in draw_figures([SERIAL, SPRINT]).items()}
        for _ in range(2)
    ]
    assert files[0] == files[1]
    assert set(files[0]) == {"accuracy_tokens", "token_reduction", "phases"}


def test_command_draws_the_shipped_logs(tmp_path: Path) -> None:
    flags = [str(RFT_LOGS), str(SPRINT_LOGS), "--output", str(tmp_path)]
    done = run_command("sprint.analysis.figures", flags, ROOT)
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert "phases leaves out RFT: its responses are serial" in done.err
    assert {path.name for path in tmp_path.iterdir()} == {
        "accuracy_tokens.png",
        "token_reduction.png",
        "phases.png",
    }
