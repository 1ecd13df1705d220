"""The quickstart in small, on a real vLLM server: from raw thoughts to the comparison."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sprint.model_server.ports import free_port
from sprint.sample_world.command import rows
from sprint.utils.grammar import executor_completion, parse
from sprint.utils.results.reading import trajectory_files
from sprint.utils.tokens.tokenizers import token_counter

from tests.support.commands import run_command
from tests.support.holding_proxy import HoldingProxy
from tests.support.vllm_server import SPRINT_MODEL

ROOT = Path(__file__).resolve().parents[1]


def run_script(name: str, *arguments: str, **variables: str) -> str:
    environment = {**os.environ, "VENV": sys.prefix, **variables}
    command = ["sh", f"run/{name}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def calls_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]


def assert_tags_are_single_tokens(folder: Path, executors: list[dict[str, Any]]) -> None:
    """The server decodes a tag as one token, and tags stay in its replies."""
    count = token_counter(folder / "models" / "SPRINT")
    assert count(executor_completion("1", 1, 1)) == 2
    results = folder / "logs_full_trajectory/SPRINT/test_default"
    read = {file.problem_id: parse(file.read()) for file in trajectory_files(results)}

    def as_counted(call: dict[str, Any]) -> bool:
        place = call["phase"], call["prompt"]
        text = read[call["problem_id"]].phases[place[0] - 1].executions[place[1] - 1]
        return call["completion_tokens"] == count(executor_completion(text, *place))

    kept = [as_counted(call) for call in executors if call["kept"]]
    assert sum(kept) > len(kept) / 2


@pytest.mark.vllm
def test_thoughts_become_a_comparison_on_a_real_server(tmp_path: Path) -> None:
    port = str(free_port())
    servers = str(tmp_path / "servers")
    try:
        output = run_script(
            "quickstart.sh",
            WORK=str(tmp_path),
            QUICKSTART_PORT=port,
            BASE_MODEL=str(SPRINT_MODEL),
            TRAIN_PROBLEMS="10",
            TEST_PROBLEMS="4",
            SPRINT_STEPS="2",
            LEARNING_RATE="1e-5",
            RFT_STEPS="2",
            MAX_TOKENS="200",
        )
    finally:
        run_script("run_server.sh", "stop", PORT=port, SERVER_DIR=servers)

    # A model that plans already still does after so short a training.
    assert re.search(r"\| RFT \| 4 \|", output)
    assert (tmp_path / "comparison.md").is_file()
    serial = calls_of(tmp_path / "logs_base_model/base_model_output_RFT/test_default")
    sprint = calls_of(tmp_path / "logs_full_trajectory/SPRINT/test_default")
    for calls, role in ((serial, "solver"), (sprint, "planner")):
        assert len({call["problem_id"] for call in calls}) == 4
        assert all(call["completion_tokens"] > 0 for call in calls if call["role"] == role)
    executors = [call for call in sprint if call["role"] == "executor"]
    assert any(call["cached_tokens"] > 0 for call in executors)
    assert_tags_are_single_tokens(tmp_path, executors)
    solved = re.search(r"\| SPRINT \| 4 \| (\d+)", output)
    assert solved
    assert int(solved[1]) > 0


@pytest.mark.vllm
def test_executors_begin_before_the_plan_has_ended(sprint_url: str, tmp_path: Path) -> None:
    data = tmp_path / "problems.jsonl"
    data.write_text("".join(f"{json.dumps(row)}\n" for row in rows("test", 2, 1)))
    with HoldingProxy(sprint_url) as proxy:
        flags = [
            *("--planner_model", str(SPRINT_MODEL), "--plan_tokens", "200", "--temperature", "0"),
            *("--planner_server_url", proxy.planner_url),
            *("--executor_server_url", proxy.executor_url),
            *("--test_hub_path", str(data), "--logs_dir", "proxied"),
            *("--execution_tokens", "200"),
        ]
        outcome = run_command("sprint.agent_orchestration", flags, tmp_path)
        assert outcome.code == 0, outcome.err
        assert proxy.began_while_planned
