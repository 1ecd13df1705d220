"""The quickstart in small, on a real vLLM server: from raw thoughts to the comparison."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_script(name: str, *arguments: str, **variables: str) -> str:
    environment = {**os.environ, "PYTHON": sys.executable, **variables}
    command = ["sh", f"run/{name}", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.vllm
def test_thoughts_become_a_comparison_on_a_real_server(tmp_path: Path) -> None:
    port = str(free_port())
    servers = str(tmp_path / "servers")
    try:
        output = run_script(
            "quickstart.sh",
            WORK=str(tmp_path),
            PORT=port,
            TRAIN_PROBLEMS="250",
            TEST_PROBLEMS="10",
            SPRINT_STEPS="150",
            RFT_STEPS="5",
        )
    finally:
        run_script("run_server.sh", "stop", PORT=port, SERVER_DIR=servers)

    assert re.search(r"\| RFT \| 10 \|", output)
    assert re.search(r"\| SPRINT \| 10 \|", output)
    assert (tmp_path / "comparison.md").is_file()
    results = tmp_path / "logs_full_trajectory" / "SPRINT" / "test_default"
    calls = [json.loads(line) for line in (results / "calls.jsonl").read_text().splitlines()]
    executors = [call for call in calls if call["role"] == "executor" and call["kept"]]
    assert executors, "a model that was trained on rounds should hand out tasks"
    assert any(call["cached_tokens"] > 0 for call in executors), "the plan should be in the cache"
    planners = {
        (call["problem_id"], call["phase"]): call
        for call in calls
        if call["role"] == "planner" and call["kept"]
    }
    early = [
        call
        for call in executors
        if call["started"] < planners[call["problem_id"], call["phase"]]["finished"]
    ]
    assert len(early) > len(executors) / 2, "executors should start while the plan is written"
