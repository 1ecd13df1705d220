"""`python -m sprint.base_model_evaluation` against the scripted server, as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from support.commands import run_command, write_problems
from support.fake_server import MODEL, FakeServer, Reply
from support.scripts import PROBLEM

RESULTS = Path("logs_base_model") / "base_model_output_fake_model" / "problems_default"
THOUGHT = "2*3=6, 4*5=20, 6+20=26.\n\nSo it is \\boxed{26}.\n</think>"


def flags(server: FakeServer) -> list[str]:
    return [
        *("--test_hub_path", "problems.jsonl"),
        *("--model", MODEL),
        *("--server_url", server.url),
        *("--method", "RFT"),
    ]


def test_results_are_where_the_published_code_puts_them(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    fake_server.script = lambda _: Reply.of(THOUGHT)
    write_problems(tmp_path / "problems.jsonl", [PROBLEM])
    outcome = run_command("sprint.base_model_evaluation", flags(fake_server), tmp_path)
    assert (outcome.code, outcome.out) == (0, f"Results: {RESULTS}\n")
    results = tmp_path / RESULTS
    assert (results / "base_model_trajectory_test_sums_7.txt").read_text() == THOUGHT
    (row,) = pd.read_csv(results / "base_model_output.csv", dtype=str).to_dict("records")
    assert (row["PredictedFinalAnswer"], row["ModelResponse"]) == ("26", THOUGHT)
    assert json.loads((results / "run.json").read_text())["method"] == "RFT"


def test_bad_input_gives_one_sentence_and_exit_code_2(
    tmp_path: Path, fake_server: FakeServer
) -> None:
    (tmp_path / "problems.jsonl").write_text('{"answer": "2"}\n')
    outcome = run_command("sprint.base_model_evaluation", flags(fake_server), tmp_path)
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert line.startswith("Error: ")
    assert "has no known question column" in line
