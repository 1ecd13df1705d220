"""Parallel baselines as commands: their folders, and the tables that are made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from sprint.base_model_evaluation.config import BaselineConfig, MethodName
from sprint.utils.config import from_command_line
from support.commands import run_command, write_problems
from support.fake_server import MODEL, FakeServer, Reply, Request
from support.scripts import PROBLEM

BASE = Path(__file__).resolve().parents[2] / "models" / "sample_base"
METHODS: dict[MethodName, str] = {
    "self-consistency": r"2*3=6, 4*5=20. It is \boxed{26}.",
    "SoT-chat": "1. Work out 2*3, which is \\boxed{26} less 20.\n2. Add them.",
}
"""What the server answers to each request of a method: a skeleton, too."""


def run_method(method: MethodName, folder: Path, server: FakeServer, *flags: str) -> Path:
    def script(_: Request) -> Reply:
        return Reply.of(METHODS[method])

    server.script = script
    write_problems(folder / "problems.jsonl", [PROBLEM])
    outcome = run_command(
        "sprint.base_model_evaluation",
        [
            *("--method", method),
            *("--test_hub_path", "problems.jsonl"),
            *("--model", MODEL),
            *("--server_url", server.url),
            *("--api", "completions"),
            *flags,
        ],
        folder,
    )
    results = (
        Path("logs_base_model") / f"base_model_output_fake_model_{method}" / "problems_default"
    )
    assert (outcome.code, outcome.out) == (0, f"Results: {results}\n"), outcome.err
    return folder / results


def test_self_consistency_as_a_command(tmp_path: Path, fake_server: FakeServer) -> None:
    folder = run_method("self-consistency", tmp_path, fake_server, "--samples", "3")
    assert len(fake_server.requests) == 3
    (row,) = pd.read_csv(folder / "base_model_output.csv", dtype=str).to_dict("records")
    assert row["PredictedFinalAnswer"] == "26"
    assert row["ModelResponse"] == (folder / f"planner_trajectory_{PROBLEM.id}.txt").read_text()
    record = json.loads((folder / "run.json").read_text())
    assert (record["method"], record["settings"]["samples"]) == ("self-consistency", 3)
    assert record["settings"]["temperature"] == 0.3
    assert len((folder / "calls.jsonl").read_text().splitlines()) == 3


def test_skeleton_of_thought_as_a_command(tmp_path: Path, fake_server: FakeServer) -> None:
    folder = run_method("SoT-chat", tmp_path, fake_server)
    assert len(fake_server.requests) == 4
    record = json.loads((folder / "run.json").read_text())
    assert record["settings"]["temperature"] == 0.1
    assert sorted(record["prompts"]) == [
        "base_model_prompt",
        "skeleton_conclusion_prompt",
        "skeleton_point_prompt",
        "skeleton_prompt",
    ]


def test_the_same_command_again_asks_nothing(tmp_path: Path, fake_server: FakeServer) -> None:
    for _ in range(2):
        run_method("self-consistency", tmp_path, fake_server, "--samples", "2")
    assert len(fake_server.requests) == 2


def test_other_settings_are_refused(tmp_path: Path, fake_server: FakeServer) -> None:
    run_method("self-consistency", tmp_path, fake_server, "--samples", "2")
    with pytest.raises(AssertionError, match="samples"):
        run_method("self-consistency", tmp_path, fake_server, "--samples", "3")


def test_one_table_of_all(tmp_path: Path, fake_server: FakeServer) -> None:
    folders = [
        run_method("self-consistency", tmp_path, fake_server, "--samples", "2"),
        run_method("SoT-chat", tmp_path, fake_server),
    ]
    outcome = run_command(
        "sprint.analysis.compare",
        [*map(str, folders), "--tokenizer", str(BASE)],
        tmp_path,
    )
    assert outcome.code == 0, outcome.err
    for method in METHODS:
        assert f"| {method} | 1 | 100.0 % |" in outcome.out


@pytest.mark.parametrize(
    ("method", "api", "temperature", "max_tokens"),
    [
        ("RFT", "completions", 0.6, 36000),
        ("base", "completions", 0.6, 36000),
        ("self-consistency", "chat", 0.3, 8000),
        ("SoT-chat", "chat", 0.1, 8000),
        ("SoT-reasoning", "completions", 0.6, 36000),
    ],
)
def test_defaults_are_those_of_the_method(
    method: str, api: str, temperature: float, max_tokens: int
) -> None:
    given = from_command_line(
        BaselineConfig, ["--model", "m", "--server_url", "http://u", "--method", method]
    )
    assert (given.api, given.temperature, given.max_tokens) == (api, temperature, max_tokens)


@pytest.mark.parametrize("flag", ["--samples", "--max_points"])
def test_flags_of_other_methods_are_refused(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        from_command_line(BaselineConfig, ["--model", "m", "--server_url", "http://u", flag, "3"])
    assert flag in capsys.readouterr().err
