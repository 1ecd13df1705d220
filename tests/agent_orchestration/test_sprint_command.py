"""`python -m sprint.agent_orchestration` against the scripted server, as a user runs it."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from sprint.utils.files.locks import locked
from sprint.utils.files.run_record import software
from sprint.utils.grammar import render
from sprint.utils.prompt_files import SHIPPED
from support.commands import Outcome, outcome_of, run_command, start_command, write_problems
from support.fake_server import MODEL, Answer, FakeServer, Reply, Request
from support.limits import PROCESS_PATIENCE
from support.scripts import (
    OTHER_PROBLEM,
    OTHER_TRAJECTORY,
    PROBLEM,
    TRAJECTORY,
    Scripted,
    calls_of,
)

RESULTS = Path("logs_full_trajectory") / "fake_model" / "problems_default"
PROMPT = (SHIPPED / "global_agent_prompt.txt").read_text("utf-8").strip()


def run_sprint(folder: Path, server: FakeServer, **flags: str) -> Outcome:
    """The command in `folder`; flags replace what it is given otherwise."""
    return run_command("sprint.agent_orchestration", words_for(server, **flags), folder)


def words_for(server: FakeServer, **flags: str) -> list[str]:
    usual = {
        "test_hub_path": "problems.jsonl",
        "planner_model": MODEL,
        "planner_server_url": server.url,
    }
    return [word for name, value in (usual | flags).items() for word in (f"--{name}", value)]


class TwoRuns(NamedTuple):
    """The first problem, and then all: what each run said, and how often the server was asked."""

    folder: Path
    outcomes: tuple[Outcome, Outcome]
    requests: tuple[int, int]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoRuns]:
    folder = tmp_path_factory.mktemp("run")
    write_problems(folder / "problems.jsonl", [PROBLEM, OTHER_PROBLEM])
    with FakeServer() as server:
        server.script = Scripted(
            [*calls_of(TRAJECTORY, PROMPT), *calls_of(OTHER_TRAJECTORY, PROMPT)]
        )
        first = run_sprint(folder, server, range="0:1", num_workers="2")
        asked = len(server.requests)
        outcomes = (first, run_sprint(folder, server))
        yield TwoRuns(folder, outcomes, (asked, len(server.requests) - asked))
    assert server.script_errors == []


def test_it_ends_well_and_says_where_the_results_are(two_runs: TwoRuns) -> None:
    for outcome in two_runs.outcomes:
        assert (outcome.code, outcome.out) == (0, f"Results: {RESULTS}\n")


def test_results_have_the_published_names(two_runs: TwoRuns) -> None:
    assert {path.name for path in (two_runs.folder / RESULTS).iterdir()} == {
        "agent_orchestration_output.csv",
        "planner_trajectory_test_sums_7.txt",
        "planner_trajectory_test_sums_8.txt",
        "calls.jsonl",
        "problems",
        "run.json",
    }


def test_trajectories_are_those_of_the_models(two_runs: TwoRuns) -> None:
    for number, trajectory in ((7, TRAJECTORY), (8, OTHER_TRAJECTORY)):
        path = two_runs.folder / RESULTS / f"planner_trajectory_test_sums_{number}.txt"
        assert path.read_text() == render(trajectory)


def test_every_problem_has_its_row(two_runs: TwoRuns) -> None:
    table = pd.read_csv(two_runs.folder / RESULTS / "agent_orchestration_output.csv", dtype=str)
    rows = table[["ProblemIdx", "PredictedFinalAnswer", "TrueFinalAnswer"]].to_numpy().tolist()
    assert rows == [["test_sums_7", "26", "26"], ["test_sums_8", "26", "26"]]


def test_the_second_run_did_only_what_was_missing(two_runs: TwoRuns) -> None:
    one_problem = len(calls_of())
    assert two_runs.requests == (one_problem, one_problem)


def test_ledger_has_every_request(two_runs: TwoRuns) -> None:
    lines = (two_runs.folder / RESULTS / "calls.jsonl").read_text().splitlines()
    assert len(lines) == sum(two_runs.requests)


def test_run_json_says_what_the_folder_was_made_with(two_runs: TwoRuns) -> None:
    run = json.loads((two_runs.folder / RESULTS / "run.json").read_text())
    assert (run["method"], run["model"], run["tokenizer"]) == ("SPRINT", MODEL, MODEL)
    assert set(run["prompts"]) == {"global_agent_prompt"}
    assert run["settings"]["max_phases"] == 12
    assert {"python", "openai", "datasets"} <= set(run["versions"])
    assert run["software"] == [software()]


def test_run_json_knows_the_weights_of_both_models(tmp_path: Path, fake_server: FakeServer) -> None:
    (tmp_path / MODEL).mkdir(parents=True)
    (tmp_path / MODEL / "model.safetensors").write_bytes(b"weights")
    write_problems(tmp_path / "problems.jsonl", [PROBLEM])
    fake_server.script = Scripted(calls_of(TRAJECTORY, PROMPT))
    assert run_sprint(tmp_path, fake_server).code == 0
    (written,) = tmp_path.glob("logs_full_trajectory/*/*/run.json")
    run = json.loads(written.read_text())
    assert len(run["executor_files"]) == 12
    assert run["executor_files"] == run["model_files"]


def ignore_interrupts() -> None:
    """As a shell starts what runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 130), (signal.SIGHUP, 130), (signal.SIGKILL, -signal.SIGKILL)],
)
def test_an_interrupted_run_has_a_row_for_what_is_finished(
    tmp_path: Path, fake_server: FakeServer, number: signal.Signals, code: int
) -> None:
    """The second problem is never answered."""
    write_problems(tmp_path / "problems.jsonl", [PROBLEM, OTHER_PROBLEM])
    scripted = Scripted(calls_of(TRAJECTORY, PROMPT))
    asked, never = threading.Event(), fake_server.gate()

    def script(request: Request) -> Answer:
        if OTHER_PROBLEM.question in request.context:
            asked.set()
            return Reply.of(never)
        return scripted(request)

    fake_server.script = script
    command = start_command(
        "sprint.agent_orchestration", words_for(fake_server), tmp_path, before=ignore_interrupts
    )
    assert asked.wait(PROCESS_PATIENCE)
    command.send_signal(number)
    outcome = outcome_of(command)
    assert outcome.code == code
    table = pd.read_csv(tmp_path / RESULTS / "agent_orchestration_output.csv")
    assert table["ProblemIdx"].tolist() == ["test_sums_7"]
    files = sorted(path.name for path in (tmp_path / RESULTS).glob("planner_trajectory_*"))
    assert files == ["planner_trajectory_test_sums_7.txt"]
    if number is not signal.SIGKILL:
        assert outcome.err.splitlines()[-1].startswith("Stopped.")
        assert "Traceback" not in outcome.err


def as_it_is(folder: Path) -> None:
    """The input is good but for the flags."""


def without_answers(folder: Path) -> None:
    (folder / "problems.jsonl").write_text('{"problem": "1+1?"}\n')


def with_a_file_in_place_of_the_logs(folder: Path) -> None:
    (folder / "logs_full_trajectory").write_text("a file")


@pytest.mark.parametrize(
    ("prepare", "flags", "sentence"),
    [
        (as_it_is, {"test_hub_path": "nobody/nothing"}, "Cannot load the dataset"),
        (as_it_is, {"range": "2:9"}, "is outside of the data, which has 2 rows"),
        (as_it_is, {"planner_model": "other"}, f"does not serve 'other' but {MODEL}"),
        (as_it_is, {"planner_server_url": "http://127.0.0.1:1/v1"}, "Cannot reach a model server"),
        (as_it_is, {"planner_server_url": "http://127.0.0.1:80o0/v1"}, "is not a valid server URL"),
        (as_it_is, {"split": "validation"}, "there is no split 'validation'"),
        (without_answers, {}, "has no known answer column"),
        (with_a_file_in_place_of_the_logs, {}, "Cannot write into"),
    ],
)
def test_bad_input_costs_one_sentence_and_no_request(
    tmp_path: Path,
    fake_server: FakeServer,
    prepare: Callable[[Path], None],
    flags: dict[str, str],
    sentence: str,
) -> None:
    write_problems(tmp_path / "problems.jsonl", [PROBLEM, OTHER_PROBLEM])
    prepare(tmp_path)
    outcome = run_sprint(tmp_path, fake_server, **flags)
    assert outcome.code == 2
    (line,) = outcome.errors
    assert line.startswith("Error: ")
    assert sentence in line
    assert fake_server.requests == []


def test_a_run_in_a_folder_where_another_is_at_work_is_refused(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    write_problems(tmp_path / "problems.jsonl", [PROBLEM])
    results = tmp_path / RESULTS
    results.mkdir(parents=True)
    with locked(results.with_name(f".{results.name}.lock"), "it"):
        refused = run_sprint(tmp_path, fake_server)
    assert refused.code == 2
    assert "Another run is working on the results in" in refused.err
    assert fake_server.requests == []


def test_client_processes_and_several_servers_give_the_same_results(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    write_problems(tmp_path / "problems.jsonl", [PROBLEM, OTHER_PROBLEM])
    scripted = Scripted([*calls_of(TRAJECTORY, PROMPT), *calls_of(OTHER_TRAJECTORY, PROMPT)])
    with FakeServer() as other:
        other.script = fake_server.script = scripted
        urls = f"{fake_server.url},{other.url}"
        flags = {"planner_server_url": urls, "client_processes": "2", "num_workers": "2"}
        outcome = run_sprint(tmp_path, fake_server, **flags)
        asked = len(other.requests)
    assert outcome.code == 0, outcome.err
    for number, trajectory in ((7, TRAJECTORY), (8, OTHER_TRAJECTORY)):
        path = tmp_path / RESULTS / f"planner_trajectory_test_sums_{number}.txt"
        assert path.read_text() == render(trajectory)
    assert asked + len(fake_server.requests) == 2 * len(calls_of())
    run = json.loads((tmp_path / RESULTS / "run.json").read_text())
    assert run["servers"] == {"planner": urls, "executor": urls}
