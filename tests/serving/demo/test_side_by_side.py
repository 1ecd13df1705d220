"""The demo in a terminal, with a scripted model server."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sprint.serving.demo.problems import demo_problems
from sprint.serving.demo.summary import summary
from sprint.serving.demo.terminal_output import Lines, TerminalOutput
from sprint.serving.usage import AnswerUsage
from sprint.utils.errors import CallError
from sprint.utils.methods.events import Discarded, ExecutionDone, ExecutionText
from sprint.utils.records import Trajectory
from support.commands import outcome_of, run_command, start_command
from support.fake_server import MODEL, FakeServer, Fault, Refusal, Reply, Request
from support.scripts import QUESTION
from support.serving import ROOT, script
from support.waiting import wait_until

MODULE = "sprint.serving.demo"


def flags(server: FakeServer, *more: str) -> list[str]:
    tokenizer = str(ROOT / "models" / "sample_base")
    model = ["--planner_model", MODEL, "--planner_server_url", server.url]
    return [*model, "--tokenizer", tokenizer, "--no_browser", *more]


def test_a_question_is_solved_in_both_ways(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.script = script()
    outcome = run_command(MODULE, flags(fake_server, "--question", QUESTION), tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert lines[1] == QUESTION
    for line in (
        "[plan 1] Two products are needed.",
        "[task 1.2] Work out 4*5.",
        "[1.2] 4*5=20, since 4*5 is twice 2*5=10.",
        "[3.1] 6+20=26.",
        "[answer] The sum is \\boxed{26}.",
        "[thought] 2*3 is 6, and 4*5 is 20.",
    ):
        assert line in lines
    assert lines.count("Answer: 26") == 2
    number = r"\d+\.\d"
    assert re.fullmatch(
        rf"SPRINT {number} s, \d+ sequential tokens of \d+; "
        rf"serial {number} s, \d+ tokens; {number} times as fast",
        lines[-1],
    )


def test_samples_follow_where_nothing_is_typed(fake_server: FakeServer, tmp_path: Path) -> None:
    first, second = demo_problems()[:2]
    right = script(
        Trajectory(first.question, (), f"\\boxed{{{first.answer}}}"), "</think>\n\n\\boxed{-1}"
    )
    more = script(Trajectory(second.question, (), "\\boxed{-2}"), "")
    right.replies |= more.replies
    fake_server.script = right
    outcome = run_command(MODULE, flags(fake_server), tmp_path, typed="\n\n")
    assert (outcome.code, outcome.err) == (0, "")
    answers = [line for line in outcome.out.splitlines() if line.startswith("Answer: ")]
    assert answers == [
        f"Answer: {first.answer} (right)",
        f"Answer: -1 (wrong: it is {first.answer})",
        f"Answer: -2 (wrong: it is {second.answer})",
        f"Answer: -1 (wrong: it is {second.answer})",
    ]


def test_what_fails_is_one_sentence(fake_server: FakeServer, tmp_path: Path) -> None:
    fake_server.stop()
    outcome = run_command(MODULE, flags(fake_server, "--question", QUESTION), tmp_path)
    assert outcome.code == 2
    assert outcome.err.startswith("Error: ")
    assert "Traceback" not in outcome.err


def test_a_problem_that_fails_does_not_end_the_session(
    fake_server: FakeServer, tmp_path: Path
) -> None:
    right = script()

    def answer(request: Request) -> object:
        return right(request) if QUESTION in request.context else Refusal(400)

    fake_server.script = answer  # type: ignore[assignment]
    outcome = run_command(
        MODULE, flags(fake_server), tmp_path, typed=f"Another\none?\n\n{QUESTION}\n"
    )
    assert (outcome.code, outcome.err) == (0, "")
    assert "Error: The server at" in outcome.out
    assert outcome.out.count("Answer: 26") == 2


@pytest.mark.parametrize(
    "signals", [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM]]
)
def test_a_signal_ends_it_in_one_sentence(
    fake_server: FakeServer, tmp_path: Path, signals: list[signal.Signals]
) -> None:
    """A script passes Ctrl-C on as SIGTERM, too."""
    never, scripted = fake_server.gate(), script()

    def answer(request: Request) -> object:
        executes = re.search(r"<execution_\d\.\d>\n$", request.context)
        return Reply.of("2*", never) if executes else scripted(request)

    fake_server.script = answer  # type: ignore[assignment]
    command = start_command(MODULE, flags(fake_server, "--question", QUESTION), tmp_path)
    wait_until(lambda: fake_server.in_flight == 2)
    for number in signals:
        os.kill(command.pid, number)
    outcome = outcome_of(command)
    assert outcome.code == 130
    assert outcome.err.startswith("Stopped.")
    assert "Traceback" not in outcome.err
    assert fake_server.in_flight == 0


def test_a_question_is_for_the_terminal(tmp_path: Path) -> None:
    model = ["--planner_model", MODEL, "--planner_server_url", "http://127.0.0.1:9/v1"]
    outcome = run_command(MODULE, [*model, "--question", QUESTION], tmp_path)
    assert outcome.code == 2
    assert "--question needs --no_browser" in outcome.err


def test_an_execution_that_is_discarded_is_told(fake_server: FakeServer, tmp_path: Path) -> None:
    cut = script()
    whole = cut.replies
    execution = next(context for context in whole if context.rstrip().endswith("<execution_3.1>"))
    cut.set(execution, Reply.of("6+2", Fault.CUT), *whole[execution])
    fake_server.script = cut
    outcome = run_command(MODULE, flags(fake_server, "--question", QUESTION), tmp_path)
    assert outcome.code == 0, outcome.err
    assert "(3.1 was discarded)" in outcome.out
    assert "[3.1] 6+20=26." in outcome.out


def test_an_execution_is_printed_once_whatever_happens_to_another() -> None:
    printed = list[str]()
    output = TerminalOutput(60, printed.append)
    for event in (
        ExecutionText(0.1, 1, 1, "kept"),
        ExecutionText(0.1, 1, 2, "lost"),
        Discarded(0.2, 1, 2, CallError("the call broke off")),
        ExecutionDone(0.3, 1, 1, "kept"),
        ExecutionDone(0.4, 1, 2, "found"),
    ):
        output.on_event(event)
    again = "(1.2 was discarded)"
    assert printed == ["[1.2] lost", again, "[1.1] kept", "[1.2] found"]


WORDS = st.text(st.sampled_from("ab \n\tä<"), max_size=120)


@example(["  <", "<<<<<<<<", "<<<<<<<<", "<", "<"], 0)
@given(st.lists(WORDS, max_size=12), st.integers(0, 60))
def test_lines_hold_all_words_and_are_never_too_long(pieces: list[str], width: int) -> None:
    printed = list[str]()
    lines = Lines("1.1", width, printed.append)
    for piece in pieces:
        lines.feed(piece)
    lines.end()
    assert all(line.startswith("[1.1] ") for line in printed)
    texts = [line.removeprefix("[1.1] ") for line in printed]
    assert all(0 < len(text) <= max(20, width - 6) for text in texts)
    assert re.sub(r"\s", "", "".join(texts)) == re.sub(r"\s", "", "".join(pieces))


def usage(seconds: float, completion: int, sequential: int | None, answer: int = 9) -> AnswerUsage:
    return AnswerUsage(0, 0, completion, answer, sequential, 1, 1, seconds, seconds)


@pytest.mark.parametrize(
    ("sequential", "tokens"), [(210, "210 sequential tokens of 340"), (None, "340 tokens")]
)
def test_the_summary(sequential: int | None, tokens: str) -> None:
    says = summary(usage(3.1, 340, sequential), usage(4.4, 420, 420))
    assert says == f"SPRINT 3.1 s, {tokens}; serial 4.4 s, 420 tokens; 1.4 times as fast"


@pytest.mark.parametrize(("sprint", "serial"), [(0, 9), (9, 0), (0, 0)])
def test_without_both_answers_nothing_is_compared(sprint: int, serial: int) -> None:
    says = summary(usage(3.1, 340, 210, sprint), usage(4.4, 420, 420, serial))
    tokens = "210 sequential tokens of 340" if sprint else "340 tokens"
    assert says == f"SPRINT 3.1 s, {tokens}; serial 4.4 s, 420 tokens"
