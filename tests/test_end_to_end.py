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
from sprint.utils.grammar import executor_completion, parse
from sprint.utils.results.reading import trajectory_files
from sprint.utils.tokens.tokenizers import token_counter

from tests.support.commands import run_command
from tests.support.holding_proxy import HoldingProxy
from tests.support.ports import free_port
from tests.support.vllm_server import vllm_server

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


def solve_behind_a_proxy(folder: Path) -> int:
    """How many executors were asked before the plan that was being written had ended."""
    model = folder / "models" / "SPRINT"
    with vllm_server(model, folder / "server") as url, HoldingProxy(url) as proxy:
        flags = [
            *("--planner_model", str(model), "--plan_tokens", "200", "--temperature", "0"),
            *("--planner_server_url", proxy.planner_url),
            *("--executor_server_url", proxy.executor_url),
            *("--test_hub_path", "data/test.jsonl", "--logs_dir", "proxied"),
            *("--execution_tokens", "200"),
        ]
        outcome = run_command("sprint.agent_orchestration", flags, folder)
        assert outcome.code == 0, outcome.err
        return proxy.began_while_planned


def assert_tags_are_single_tokens(folder: Path, executors: list[dict[str, Any]]) -> None:
    """The server decodes them as one token, and they stay in its replies."""
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
            TRAIN_PROBLEMS="40",
            TEST_PROBLEMS="4",
            SPRINT_STEPS="120",
            RFT_STEPS="2",
            PLAN_TOKENS="200",
        )
    finally:
        run_script("run_server.sh", "stop", PORT=port, SERVER_DIR=servers)

    # So short a training makes no good model, but one that plans most of the time: what is looked
    # at is that every stage did its work.
    assert re.search(r"\| RFT \| 4 \|", output)
    assert re.search(r"\| SPRINT \| 4 \|", output)
    assert (tmp_path / "comparison.md").is_file()
    serial = calls_of(tmp_path / "logs_base_model/base_model_output_RFT/test_default")
    sprint = calls_of(tmp_path / "logs_full_trajectory/SPRINT/test_default")
    for calls, role in ((serial, "solver"), (sprint, "planner")):
        assert len({call["problem_id"] for call in calls}) == 4
        assert all(call["completion_tokens"] > 0 for call in calls if call["role"] == role)
    executors = [call for call in sprint if call["role"] == "executor"]
    assert any(call["cached_tokens"] > 0 for call in executors)
    assert_tags_are_single_tokens(tmp_path, executors)
    assert solve_behind_a_proxy(tmp_path)
